#include "data/instruction_synthetic.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

TEST(GenerateInstructions, DependsOnSeedAndIndexAlone) {
  const auto text = [](const InstructionExample& e) {
    return e.instruction + "|" + e.input + "|" + e.output;
  };
  const auto few = GenerateInstructions(10, 1);
  const auto many = GenerateInstructions(100, 1);
  const auto other = GenerateInstructions(100, 2);
  int differ = 0;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(text(few[i]), text(many[i]));
    differ += text(many[i]) != text(other[i]) ? 1 : 0;
  }
  EXPECT_GT(differ, 5);
}

TEST(GenerateInstructions, ResponsesAreRight) {
  std::map<std::string, std::string> colour_of;
  std::map<std::string, int> tasks;
  for (const InstructionExample& e : GenerateInstructions(6000, 1)) {
    std::vector<std::string> words = absl::StrSplit(e.input, ' ');
    const std::string task = e.instruction;
    if (task == "Repeat the words.") {
      EXPECT_EQ(e.output, e.input);
    } else if (task == "Write the words in reverse order.") {
      std::reverse(words.begin(), words.end());
      EXPECT_EQ(e.output, absl::StrJoin(words, " "));
    } else if (task == "Write the words in alphabetical order.") {
      std::sort(words.begin(), words.end());
      EXPECT_EQ(e.output, absl::StrJoin(words, " "));
    } else if (task == "Count the words.") {
      const std::vector<std::string> number = {"two", "three", "four", "five",
                                               "six"};
      EXPECT_EQ(e.output,
                "There are " + number.at(words.size() - 2) + " words.");
    } else if (task.find("plus") != std::string::npos) {
      words = absl::StrSplit(task.substr(8, task.size() - 9), ' ');
      EXPECT_EQ(e.output, words[0] + " plus " + words[2] + " is " +
                              std::to_string(std::stoi(words[0]) +
                                             std::stoi(words[2])) +
                              ".");
    } else {
      // A fact is the same wherever it is asked for.
      EXPECT_EQ(colour_of.emplace(task, e.output).first->second, e.output);
    }
    ++tasks[task.find("plus") != std::string::npos ? "add"
            : e.input.empty()                      ? "fact"
                                                   : task];
  }
  EXPECT_EQ(colour_of.size(), 18u);
  EXPECT_EQ(tasks.size(), 6u);
  for (const auto& [task, count] : tasks) EXPECT_GT(count, 800) << task;
}

}  // namespace
}  // namespace anisograd
