// Replays a fuzz target on the files named on the command line and on seeded
// mutations of them: the part of fuzzing that is the same in every run, and
// goes through the compiler and the flags of the product.

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "tools/base/file.h"
#include "tools/base/fuzz_target.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

constexpr int kMutations = 50000;

void Run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                         input.size());
}

// One to six edits of a few bytes. New bytes are mostly of `alphabet`.
std::string Mutate(std::string input, const std::string& alphabet,
                   RandomStream* stream) {
  for (uint64_t edits = 1 + stream->NextBelow(6); edits > 0; --edits) {
    const char c = stream->NextBelow(4) == 0
                       ? static_cast<char>(stream->NextBelow(256))
                       : alphabet[stream->NextBelow(alphabet.size())];
    if (input.empty()) input = c;
    const uint64_t at = stream->NextBelow(input.size());
    switch (stream->NextBelow(4)) {
      case 0: input[at] = c; break;
      case 1: input.insert(at, 1, c); break;
      case 2: input.erase(at, 1 + stream->NextBelow(4)); break;
      default: input += input.substr(at, stream->NextBelow(20)); break;
    }
  }
  return input;
}

int Replay(const std::vector<std::string>& paths) {
  std::vector<std::string> corpus;
  std::string alphabet;
  for (const std::string& path : paths) {
    const auto input = ReadFile(path);
    if (!input.ok()) {
      std::fprintf(stderr, "%s\n", input.status().ToString().c_str());
      return 1;
    }
    Run(*input);
    corpus.push_back(*input);
    alphabet += *input;
  }
  if (alphabet.empty()) {
    std::fprintf(stderr, "no corpus\n");
    return 1;
  }
  Run("");
  RandomStream stream(1, RandomPurpose::kTest);
  for (int i = 0; i < kMutations; ++i) {
    Run(Mutate(corpus[stream.NextBelow(corpus.size())], alphabet, &stream));
  }
  return 0;
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::Replay(std::vector<std::string>(argv + 1, argv + argc));
}
