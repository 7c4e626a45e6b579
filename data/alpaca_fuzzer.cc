// Feeds the Alpaca reader; aborts where what it accepts has no records or text
// that cannot be encoded.

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "data/alpaca.h"
#include "data/bpe.h"
#include "data/bpe_vocabulary.h"
#include "tools/base/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const anisograd::BpeVocabulary* const vocabulary =
      new anisograd::BpeVocabulary(anisograd::BpeVocabulary::ByteLevel());
  static anisograd::BpeEncoder* const encoder =
      new anisograd::BpeEncoder(vocabulary);
  const auto examples = anisograd::ParseAlpaca(
      absl::string_view(reinterpret_cast<const char*>(data), size), "input");
  if (!examples.ok()) {
    if (examples.status().message().empty()) std::abort();
    return 0;
  }
  if (examples->empty()) std::abort();
  for (const anisograd::InstructionExample& example : *examples) {
    for (const std::string* text :
         {&example.instruction, &example.input, &example.output}) {
      // The reader promises UTF-8, which is all that encoding asks for.
      const auto tokens = encoder->Encode(*text);
      if (!tokens.ok() || *vocabulary->Decode(*tokens) != *text) std::abort();
    }
  }
  return 0;
}
