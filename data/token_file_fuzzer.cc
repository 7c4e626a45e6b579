// Feeds the reader of token files; aborts where what it accepts has an example
// without tokens or an id outside the vocabulary, or an error does not name the
// file.

#include <cstdlib>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "data/token_file.h"
#include "tools/base/file.h"
#include "tools/base/fuzz_target.h"

namespace anisograd {
namespace {

void Check(absl::string_view bytes) {
  const auto file = ParseTokenFile(bytes, "input");
  if (!file.ok()) {
    if (file.status().message().substr(0, 7) != "input: ") std::abort();
    return;
  }
  const InstructionTokens& tokens = file->tokens;
  for (int64_t i = 0; i < tokens.examples(); ++i) {
    if (tokens.Example(i).empty()) std::abort();
    for (const int32_t id : tokens.Example(i)) {
      if (id < 0 || id >= tokens.vocabulary_size) std::abort();
    }
  }
}

}  // namespace
}  // namespace anisograd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  anisograd::Check(bytes);
  // What a checksum keeps out would never be reached: the right one.
  constexpr size_t kChecksum = 8;
  constexpr size_t kPayload = 72;
  if (size < kPayload) return 0;
  const std::string digest =
      anisograd::Sha256Hex(absl::string_view(bytes).substr(kPayload));
  std::memcpy(&bytes[kChecksum], digest.data(), digest.size());
  anisograd::Check(bytes);
  return 0;
}
