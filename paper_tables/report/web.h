#ifndef PAPER_TABLES_REPORT_WEB_H_
#define PAPER_TABLES_REPORT_WEB_H_

#include <string>

#include "absl/strings/string_view.h"

namespace anisograd {

// Text and attribute values of HTML: & < > " and ' as entities.
std::string EscapeHtml(absl::string_view text);

// JSON inside <script type="application/json">, where no entity is read and
// "</script" or "<!--" would end the text: every < becomes \u003c.
std::string EscapeScriptJson(absl::string_view json);

// RFC 4648, with padding.
std::string Base64(absl::string_view bytes);

// "sha256-...", by which a content-security policy allows one inline script or
// style of exactly these bytes.
std::string CspHash(absl::string_view text);

}  // namespace anisograd

#endif  // PAPER_TABLES_REPORT_WEB_H_
