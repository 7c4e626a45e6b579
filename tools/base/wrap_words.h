#ifndef TOOLS_BASE_WRAP_WORDS_H_
#define TOOLS_BASE_WRAP_WORDS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace anisograd {

// Characters, not bytes, of UTF-8 text.
size_t TextWidth(absl::string_view text);

// Breaks `text` at blanks into lines of at most `width` characters, all but the
// first after `indent` blanks. A longer word is a line of its own.
std::vector<std::string> WrapWords(absl::string_view text, size_t width,
                                   size_t indent = 0);

}  // namespace anisograd

#endif  // TOOLS_BASE_WRAP_WORDS_H_
