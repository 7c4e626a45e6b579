#include "tools/base/hex.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/numbers.h"

namespace anisograd {

std::string HexToBytes(absl::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    uint32_t byte = 0;
    if (!absl::SimpleHexAtoi(hex.substr(i, 2), &byte)) std::abort();
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

}  // namespace anisograd
