// Replays the fuzzer's entry point on seeded mutations of a valid file, so that
// every run of the tests covers it without a fuzzing toolchain.

#include "data/alpaca_fuzzer.h"

#include <string>

#include "gtest/gtest.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

TEST(AlpacaFuzzer, SurvivesMutations) {
  const std::string seed =
      "[\n{\"instruction\": \"a \\ud83d\\ude00\", \"input\": \"\", \"output\": "
      "\"\xc3\xa9\\n\"},\n{\"output\": \"1.5\", \"instruction\": \"b\", "
      "\"input\": \"\\u0000\"}\n]\n";
  constexpr char kBytes[] =
      "[]{}\":,\\u0dDeE9.-tn \n\0\x7f\x80\xc3\xe2\xf0\xff";
  const std::string alphabet(kBytes, sizeof(kBytes) - 1);
  RandomStream stream(2, RandomPurpose::kTest);
  for (int i = 0; i < 50000; ++i) {
    std::string input = seed;
    for (uint64_t edits = 1 + stream.NextBelow(6); edits > 0; --edits) {
      const uint64_t at = stream.NextBelow(input.size());
      const char c = alphabet[stream.NextBelow(alphabet.size())];
      switch (stream.NextBelow(4)) {
        case 0: input[at] = c; break;
        case 1: input.insert(at, 1, c); break;
        case 2: input.erase(at, 1 + stream.NextBelow(4)); break;
        default: input += input.substr(at, stream.NextBelow(20)); break;
      }
      if (input.empty()) input = "[";
    }
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                           input.size());
  }
}

}  // namespace
}  // namespace anisograd
