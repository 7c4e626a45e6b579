#include "data/instruction_tokens.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const InstructionExample kPlain = {"Add 1 and 2.", "", "3"};
const InstructionExample kWithInput = {"Repeat.", "x\ny", "x\ny"};

TEST(AlpacaPrompt, IsStanfordsTemplate) {
  EXPECT_EQ(AlpacaPrompt(kPlain),
            "Below is an instruction that describes a task. Write a response "
            "that appropriately completes the request.\n\n"
            "### Instruction:\nAdd 1 and 2.\n\n### Response:");
  EXPECT_EQ(AlpacaPrompt(kWithInput),
            "Below is an instruction that describes a task, paired with an "
            "input that provides further context. Write a response that "
            "appropriately completes the request.\n\n"
            "### Instruction:\nRepeat.\n\n### Input:\nx\ny\n\n### Response:");
}

// In the byte-level vocabulary every length is a number of characters.
class TokenizeByByte : public testing::Test {
 protected:
  const BpeVocabulary vocabulary_ = BpeVocabulary::ByteLevel();
  BpeEncoder encoder_{&vocabulary_};
  const int32_t prompt_ = static_cast<int32_t>(AlpacaPrompt(kPlain).size());
};

TEST_F(TokenizeByByte, PromptThenOutputThenEndOfText) {
  InstructionTokenCounts counts;
  ASSERT_OK_AND_ASSIGN(
      const InstructionTokens t,
      TokenizeInstructions({kPlain, kWithInput}, &encoder_, {}, &counts));
  EXPECT_EQ(t.vocabulary_size, 257);
  EXPECT_EQ(t.end_of_text, 256);
  EXPECT_EQ(t.examples(), 2);
  const int32_t with_input =
      static_cast<int32_t>(AlpacaPrompt(kWithInput).size());
  EXPECT_THAT(t.prompt_lengths, ElementsAre(prompt_, with_input));
  EXPECT_THAT(t.offsets, ElementsAre(0, prompt_ + 2, prompt_ + with_input + 6));
  EXPECT_EQ(*vocabulary_.Decode(t.Example(0)),
            AlpacaPrompt(kPlain) + "3<|endoftext|>");
  EXPECT_EQ(*vocabulary_.Decode(t.Example(1)),
            AlpacaPrompt(kWithInput) + "x\ny<|endoftext|>");
  EXPECT_EQ(counts.prompt, prompt_ + with_input);
  EXPECT_EQ(counts.response, 6);
  EXPECT_EQ(counts.truncated_examples, 0);
}

TEST_F(TokenizeByByte, TruncationDropsTheEnd) {
  InstructionTokenCounts counts;
  const auto lengths = [&](int32_t max_length) {
    const auto t = TokenizeInstructions({kPlain, kPlain}, &encoder_,
                                        {max_length}, &counts);
    EXPECT_TRUE(t.ok()) << t.status();
    EXPECT_EQ(t->offsets[2], 2 * t->offsets[1]);
    return std::vector<int64_t>{t->offsets[1], t->prompt_lengths[1],
                                counts.truncated_examples};
  };
  EXPECT_THAT(lengths(prompt_ + 2), ElementsAre(prompt_ + 2, prompt_, 0));
  EXPECT_THAT(lengths(prompt_ + 1), ElementsAre(prompt_ + 1, prompt_, 2));
  EXPECT_THAT(lengths(prompt_), ElementsAre(prompt_, prompt_, 2));
  EXPECT_THAT(lengths(10), ElementsAre(10, 10, 2));
  // The counts are those of whole examples.
  EXPECT_EQ(counts.prompt, 2 * prompt_);
  EXPECT_EQ(counts.response, 4);
  EXPECT_FALSE(TokenizeInstructions({kPlain}, &encoder_, {0}).ok());
}

TEST_F(TokenizeByByte, AnEmptyOutputIsEndOfTextAlone) {
  ASSERT_OK_AND_ASSIGN(
      const InstructionTokens t,
      TokenizeInstructions({{"Add 1 and 2.", "", ""}}, &encoder_));
  EXPECT_THAT(t.offsets, ElementsAre(0, prompt_ + 1));
  EXPECT_EQ(t.tokens.back(), 256);
}

TEST_F(TokenizeByByte, TextThatIsNotUtf8NamesTheExample) {
  const auto t = TokenizeInstructions({kPlain, {"a", "", "\xff"}}, &encoder_);
  EXPECT_THAT(std::string(t.status().message()),
              HasSubstr("example 2: not UTF-8 at byte 0"));
}

}  // namespace
}  // namespace anisograd
