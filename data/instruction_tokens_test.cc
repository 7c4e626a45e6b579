#include "data/instruction_tokens.h"

#include <string>
#include <vector>

#include "data/bpe_test_vocabulary.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const InstructionExample kPlain = {"Add 1 and 2.", "", "3"};
const InstructionExample kWithInput = {"Repeat.", "x\ny", "x\ny"};

std::string AlpacaPrompt(const InstructionExample& example) {
  return MakeInstructionText(example, InstructionTemplate::kStanford).prompt;
}

TEST(MakeInstructionText, StanfordsTemplate) {
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

TEST(MakeInstructionText, OtherTemplates) {
  const auto both = [](const InstructionExample& e, InstructionTemplate how) {
    const InstructionText text = MakeInstructionText(e, how);
    return text.prompt + "|" + text.response;
  };
  EXPECT_EQ(both(kPlain, InstructionTemplate::kStanford),
            AlpacaPrompt(kPlain) + "|3");
  EXPECT_EQ(both(kPlain, InstructionTemplate::kLmflow),
            "Input: Add 1 and 2.\nOutput:| 3");
  EXPECT_EQ(both(kWithInput, InstructionTemplate::kLmflow),
            "Input: Repeat.\nx\ny\nOutput:| x\ny");
  EXPECT_EQ(both(kPlain, InstructionTemplate::kPlain), "Add 1 and 2.\n|3");
  EXPECT_EQ(both(kWithInput, InstructionTemplate::kPlain),
            "Repeat.\nx\ny\n|x\ny");
  EXPECT_EQ(*ParseInstructionTemplate("lmflow"), InstructionTemplate::kLmflow);
  EXPECT_FALSE(ParseInstructionTemplate("Stanford").ok());
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

TEST_F(TokenizeByByte, WholeLeavesOutWhatIsTooLong) {
  const auto lengths = [&](int32_t max_length, int64_t max_examples) {
    InstructionTokensOptions options;
    options.how = InstructionTemplate::kPlain;
    options.whole = true;
    options.max_length = max_length;
    options.max_examples = max_examples;
    const auto t = TokenizeInstructions(
        {{"long", "", "1234"}, {"ab", "", "1"}, {"cd", "", "12"}}, &encoder_,
        options);
    EXPECT_TRUE(t.ok()) << t.status();
    return t->offsets;
  };
  // With line end and end-of-text: 10, 5 and 6.
  EXPECT_THAT(lengths(10, 0), ElementsAre(0, 10, 15, 21));
  EXPECT_THAT(lengths(9, 0), ElementsAre(0, 5, 11));
  EXPECT_THAT(lengths(9, 1), ElementsAre(0, 5));
  EXPECT_THAT(lengths(10, 1), ElementsAre(0, 10));
  InstructionTokensOptions options;
  options.whole = true;
  options.max_length = 4;
  EXPECT_THAT(
      std::string(
          TokenizeInstructions({kPlain}, &encoder_, options).status().message()),
      HasSubstr("none of 1 examples has at most 4 tokens"));
}

// By hand, in a vocabulary of bytes and the one merge ":-": apart, the border
// stays; joint, a token spans it, and the prompt's tokens are as many as alone.
TEST(TokenizeJointly, ATokenMaySpanTheBorder) {
  const TestVocabulary files = MakeTestVocabulary({{":", "-"}});
  ASSERT_OK_AND_ASSIGN(
      const BpeVocabulary vocabulary,
      BpeVocabulary::FromGpt2Files(files.encoder_json, files.vocab_bpe));
  BpeEncoder encoder(&vocabulary);
  InstructionTokensOptions options;
  InstructionTokenCounts counts;
  const InstructionExample spans = {"a", "", "-5"};
  const InstructionExample plain = {"a", "", "5"};
  ASSERT_OK_AND_ASSIGN(
      const InstructionTokens apart,
      TokenizeInstructions({spans, plain}, &encoder, options, &counts));
  EXPECT_EQ(counts.joined_examples, 0);
  const int32_t prompt = static_cast<int32_t>(AlpacaPrompt(spans).size());
  EXPECT_THAT(apart.prompt_lengths, ElementsAre(prompt, prompt));
  EXPECT_EQ(apart.offsets[1], prompt + 3);
  options.joint = true;
  ASSERT_OK_AND_ASSIGN(
      const InstructionTokens joint,
      TokenizeInstructions({spans, plain}, &encoder, options, &counts));
  EXPECT_EQ(counts.joined_examples, 1);
  EXPECT_THAT(joint.prompt_lengths, ElementsAre(prompt, prompt));
  EXPECT_EQ(joint.offsets[1], prompt + 2);
  EXPECT_EQ(*vocabulary.Decode(joint.Example(0).subspan(prompt - 1, 1)), ":-");
  EXPECT_EQ(*vocabulary.Decode(joint.Example(0).subspan(prompt)),
            "5<|endoftext|>");
  // The other example is the same either way.
  EXPECT_EQ(joint.Example(1), apart.Example(1));
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

TEST_F(TokenizeByByte, OneTokenIsTheLeastLength) {
  ASSERT_OK_AND_ASSIGN(
      const InstructionTokens t,
      TokenizeInstructions({kPlain, kWithInput}, &encoder_, {1}));
  EXPECT_THAT(t.offsets, ElementsAre(0, 1, 2));
  EXPECT_THAT(t.prompt_lengths, ElementsAre(1, 1));
}

}  // namespace
}  // namespace anisograd
