// Replays the fuzzer's entry point on seeded mutations of a valid file, so that
// every run of the tests covers it without a fuzzing toolchain.

#include "data/libsvm_fuzzer.h"

#include <string>

#include "gtest/gtest.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

TEST(LibsvmFuzzer, SurvivesMutations) {
  const std::string seed =
      "+1 1:1 3:0.25 7:-1.5e-3\n-1 2:1 100:12345678901234567890\r\n1 50:1 \n";
  const std::string alphabet = "0123456789:+-.eE \t\r\nnaif\0\xff";
  RandomStream stream(1, RandomPurpose::kTest);
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
      if (input.empty()) input = "1";
    }
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                           input.size());
  }
}

}  // namespace
}  // namespace anisograd
