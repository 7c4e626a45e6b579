#include "data/instruction_synthetic.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

struct Fact {
  const char* thing;
  const char* colour;
};
constexpr Fact kFacts[] = {
    {"apple", "red"},    {"banana", "yellow"}, {"cloud", "white"},
    {"coal", "black"},   {"crow", "black"},    {"frog", "green"},
    {"grass", "green"},  {"lemon", "yellow"},  {"milk", "white"},
    {"night", "black"},  {"ocean", "blue"},    {"plum", "purple"},
    {"rose", "red"},     {"salt", "white"},    {"sky", "blue"},
    {"snow", "white"},   {"sun", "yellow"},    {"violet", "purple"},
};
constexpr const char* kNumbers[] = {"zero", "one", "two", "three",
                                    "four", "five", "six"};

// Two to six different things.
std::vector<std::string> DrawWords(RandomStream* stream) {
  const size_t count = 2 + stream->NextBelow(5);
  std::vector<std::string> words;
  while (words.size() < count) {
    const std::string word = kFacts[stream->NextBelow(std::size(kFacts))].thing;
    if (std::find(words.begin(), words.end(), word) == words.end()) {
      words.push_back(word);
    }
  }
  return words;
}

InstructionExample Generate(RandomStream stream) {
  const uint64_t task = stream.NextBelow(6);
  if (task == 0) {
    const Fact& fact = kFacts[stream.NextBelow(std::size(kFacts))];
    return {absl::StrCat("What is the colour of the ", fact.thing, "?"), "",
            absl::StrCat("The colour of the ", fact.thing, " is ", fact.colour,
                         ".")};
  }
  if (task == 1) {
    const uint64_t a = stream.NextBelow(50);
    const uint64_t b = stream.NextBelow(50);
    return {absl::StrCat("What is ", a, " plus ", b, "?"), "",
            absl::StrCat(a, " plus ", b, " is ", a + b, ".")};
  }
  std::vector<std::string> words = DrawWords(&stream);
  const std::string input = absl::StrJoin(words, " ");
  if (task == 2) {
    return {"Count the words.", input,
            absl::StrCat("There are ", kNumbers[words.size()], " words.")};
  }
  std::string instruction = "Repeat the words.";
  if (task == 3) {
    instruction = "Write the words in reverse order.";
    std::reverse(words.begin(), words.end());
  } else if (task == 4) {
    instruction = "Write the words in alphabetical order.";
    std::sort(words.begin(), words.end());
  }
  return {instruction, input, absl::StrJoin(words, " ")};
}

}  // namespace

std::vector<InstructionExample> GenerateInstructions(int64_t count,
                                                     uint64_t seed) {
  std::vector<InstructionExample> examples;
  examples.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    examples.push_back(Generate(RandomStream(
        seed, RandomPurpose::kSyntheticData, static_cast<uint32_t>(i))));
  }
  return examples;
}

}  // namespace anisograd
