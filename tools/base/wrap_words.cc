#include "tools/base/wrap_words.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace anisograd {

size_t TextWidth(absl::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char c) {
        return (c & 0xC0) != 0x80;
      }));
}

std::vector<std::string> WrapWords(absl::string_view text, size_t width,
                                   size_t indent) {
  std::vector<std::string> lines;
  for (const absl::string_view word :
       absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (!lines.empty() &&
        TextWidth(lines.back()) + 1 + TextWidth(word) <= width) {
      absl::StrAppend(&lines.back(), " ", word);
    } else {
      lines.push_back(
          absl::StrCat(std::string(lines.empty() ? 0 : indent, ' '), word));
    }
  }
  return lines;
}

}  // namespace anisograd
