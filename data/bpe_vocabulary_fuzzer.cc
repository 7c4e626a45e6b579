// Feeds the reader of GPT-2's vocabulary with encoder.json, a NUL and vocab.bpe;
// aborts where what it accepts has tokens that are not what merges make, or an
// error does not name either file.

#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "data/bpe_vocabulary.h"
#include "tools/base/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t nul = input.find('\0');
  if (nul == absl::string_view::npos) return 0;
  const auto vocabulary = anisograd::BpeVocabulary::FromGpt2Files(
      input.substr(0, nul), input.substr(nul + 1));
  if (!vocabulary.ok()) {
    const absl::string_view message = vocabulary.status().message();
    if (!absl::StartsWith(message, "encoder.json:") &&
        !absl::StartsWith(message, "vocab.bpe:")) {
      std::abort();
    }
    return 0;
  }
  constexpr int32_t kBytes = anisograd::BpeVocabulary::kBytes;
  for (int32_t token = 0; token < vocabulary->end_of_text(); ++token) {
    const size_t bytes = vocabulary->TokenBytes(token).size();
    if (token < kBytes ? bytes != 1 : bytes < 2) std::abort();
  }
  return 0;
}
