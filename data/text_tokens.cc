#include "data/text_tokens.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// What the encoder refuses of a document, with the line that it is in: a text
// is UTF-8 where each of its lines is.
absl::Status ErrorInLine(const TextDocuments& text, const std::string& document,
                         const absl::Status& status, BpeEncoder* encoder) {
  std::vector<int32_t> tokens;
  int64_t line = text.first_line();
  for (const absl::string_view contents : absl::StrSplit(document, '\n')) {
    const absl::Status of_line = encoder->Append(contents, &tokens);
    if (!of_line.ok()) {
      return absl::Status(of_line.code(),
                          absl::StrCat(text.name(), ":", line, ": ",
                                       of_line.message()));
    }
    tokens.clear();
    ++line;
  }
  return absl::Status(status.code(),
                      absl::StrCat(text.name(), ":", text.first_line(), ": ",
                                   status.message()));
}

}  // namespace

absl::Status TokenizeText(TextDocuments* text, BpeEncoder* encoder,
                          TokenFileWriter* writer) {
  std::string document;
  std::vector<int32_t> tokens;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, text->Next(&document));
    if (!more) break;
    tokens.clear();
    const absl::Status status = encoder->Append(document, &tokens);
    if (!status.ok()) return ErrorInLine(*text, document, status, encoder);
    tokens.push_back(encoder->vocabulary().end_of_text());
    RETURN_IF_ERROR(writer->Append(tokens, 0));
  }
  if (writer->examples() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(text->name(), ": has no document"));
  }
  return absl::OkStatus();
}

}  // namespace anisograd
