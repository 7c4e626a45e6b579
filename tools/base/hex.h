#ifndef TOOLS_BASE_HEX_H_
#define TOOLS_BASE_HEX_H_

#include <string>

#include "absl/strings/string_view.h"

namespace anisograd {

// The bytes that `hex` spells, two digits each, for digits that we wrote
// ourselves. (Abseil's HexStringToBytes has another signature in newer releases.)
std::string HexToBytes(absl::string_view hex);

}  // namespace anisograd

#endif  // TOOLS_BASE_HEX_H_
