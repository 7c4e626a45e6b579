#include "paper_tables/report/web.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tools/base/hex.h"
#include "tools/base/sha256.h"

namespace anisograd {

std::string EscapeHtml(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"},
                                    {"<", "&lt;"},
                                    {">", "&gt;"},
                                    {"\"", "&quot;"},
                                    {"'", "&#39;"}});
}

std::string EscapeScriptJson(absl::string_view json) {
  return absl::StrReplaceAll(json, {{"<", "\\u003c"}});
}

std::string Base64(absl::string_view bytes) {
  return absl::Base64Escape(bytes);
}

std::string CspHash(absl::string_view text) {
  Sha256 digest;
  digest.Update(text);
  return absl::StrCat("sha256-", Base64(HexToBytes(digest.Hex())));
}

}  // namespace anisograd
