// Known answers on the official files: GPT-2's encoder.json and vocab.bpe, and
// Alpaca. Skipped, and says so, where one could not be had.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/alpaca.h"
#include "data/bpe.h"
#include "data/bpe_vocabulary.h"
#include "data/instruction_tokens.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/hex.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::Each;
using ::testing::Gt;
using ::testing::HasSubstr;

// Leaves `contents` empty where the official file could not be had.
void ReadOfficial(const std::string& path, std::string* contents) {
  auto file = ReadFile(Runfile(path));
  if (file.ok()) *contents = *std::move(file);
}

class OfficialGpt2 : public testing::Test {
 protected:
  void SetUp() override {
    ReadOfficial("data/official/encoder.json", &encoder_json_);
    ReadOfficial("data/official/vocab.bpe", &vocab_bpe_);
    if (encoder_json_.empty() || vocab_bpe_.empty()) {
      GTEST_SKIP() << "SKIPPED: the official encoder.json and vocab.bpe could "
                      "not be had; nothing was checked";
    }
  }

  BpeVocabulary Vocabulary(int max_merges) {
    BpeOptions options;
    options.max_merges = max_merges;
    auto vocabulary =
        BpeVocabulary::FromGpt2Files(encoder_json_, vocab_bpe_, options);
    EXPECT_TRUE(vocabulary.ok()) << vocabulary.status();
    return *std::move(vocabulary);
  }

  std::string encoder_json_;
  std::string vocab_bpe_;
};

TEST_F(OfficialGpt2, VocabularySizes) {
  EXPECT_EQ(Vocabulary(BpeOptions().max_merges).size(), 50257);
  EXPECT_EQ(Vocabulary(BpeOptions().max_merges).end_of_text(), 50256);
  EXPECT_EQ(Vocabulary(1000).size(), 1257);
  EXPECT_EQ(Vocabulary(0).size(), 257);
}

std::vector<int32_t> ParseIds(absl::string_view text) {
  std::vector<int32_t> ids;
  for (const absl::string_view id : absl::StrSplit(text, ' ',
                                                   absl::SkipEmpty())) {
    ids.emplace_back();
    EXPECT_TRUE(absl::SimpleAtoi(id, &ids.back())) << id;
  }
  return ids;
}

// data/gpt2_golden.txt: nasty and random strings as tiktoken encodes them, in
// the whole vocabulary and in the one of 1,000 merges.
TEST_F(OfficialGpt2, EqualsTiktoken) {
  const BpeVocabulary whole = Vocabulary(BpeOptions().max_merges);
  const BpeVocabulary cut = Vocabulary(1000);
  BpeEncoder whole_encoder(&whole);
  BpeEncoder cut_encoder(&cut);
  ASSERT_OK_AND_ASSIGN(const std::string golden,
                       ReadFile(Runfile("data/gpt2_golden.txt")));
  int cases = 0;
  for (const absl::string_view line :
       absl::StrSplit(golden, '\n', absl::SkipEmpty())) {
    if (line[0] == '#') continue;
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    ASSERT_EQ(fields.size(), 4u) << line;
    SCOPED_TRACE(fields[0]);
    const std::string text = HexToBytes(fields[1]);
    ASSERT_OK_AND_ASSIGN(const auto ids, whole_encoder.Encode(text));
    EXPECT_EQ(ids, ParseIds(fields[2]));
    EXPECT_EQ(*whole.Decode(ids), text);
    ASSERT_OK_AND_ASSIGN(const auto cut_ids, cut_encoder.Encode(text));
    EXPECT_EQ(cut_ids, ParseIds(fields[3]));
    EXPECT_EQ(*cut.Decode(cut_ids), text);
    ++cases;
  }
  EXPECT_EQ(cases, 74);
}

TEST_F(OfficialGpt2, AlpacaCounts) {
  std::string json;
  ReadOfficial("data/official/alpaca_data.json", &json);
  if (json.empty()) {
    GTEST_SKIP() << "SKIPPED: the official alpaca_data.json could not be had";
  }
  ASSERT_OK_AND_ASSIGN(const std::vector<InstructionExample> examples,
                       ParseAlpaca(json, "alpaca_data.json"));
  int64_t empty_outputs = 0;
  int64_t empty_inputs = 0;
  for (const InstructionExample& example : examples) {
    empty_outputs += example.output.empty() ? 1 : 0;
    empty_inputs += example.input.empty() ? 1 : 0;
  }
  EXPECT_EQ(empty_outputs, 28);
  EXPECT_EQ(empty_inputs, 31323);

  const BpeVocabulary vocabulary = Vocabulary(BpeOptions().max_merges);
  BpeEncoder encoder(&vocabulary);
  InstructionTokenCounts counts;
  ASSERT_OK_AND_ASSIGN(const InstructionTokens tokens,
                       TokenizeInstructions(examples, &encoder, {}, &counts));
  EXPECT_EQ(tokens.examples(), 52002);
  EXPECT_EQ(counts.prompt, 2741611);
  EXPECT_EQ(counts.response, 3039629);
  EXPECT_EQ(counts.prompt + counts.response, 5781240);
  EXPECT_EQ(counts.truncated_examples, 68);
  EXPECT_EQ(tokens.tokens.size(), 5772844u);
  EXPECT_THAT(tokens.prompt_lengths, Each(Gt(0)));

  InstructionTokensOptions joint;
  joint.joint = true;
  ASSERT_OK_AND_ASSIGN(
      const InstructionTokens joined,
      TokenizeInstructions(examples, &encoder, joint, &counts));
  EXPECT_EQ(joined.examples(), 52002);
  EXPECT_EQ(counts.prompt, 2741611);
  EXPECT_EQ(counts.prompt + counts.response, 5779625);
  EXPECT_EQ(counts.joined_examples, 1677);
}

TEST_F(OfficialGpt2, TruncatedFilesAreRefused) {
  // Within the last line, and at the end of a line.
  for (const size_t size :
       {vocab_bpe_.size() - 1, vocab_bpe_.rfind('\n', vocab_bpe_.size() - 2) +
                                   1}) {
    EXPECT_THAT(std::string(BpeVocabulary::FromGpt2Files(
                                encoder_json_, vocab_bpe_.substr(0, size))
                                .status()
                                .message()),
                HasSubstr("truncated?"));
  }
  EXPECT_FALSE(BpeVocabulary::FromGpt2Files(
                   encoder_json_.substr(0, encoder_json_.size() / 2),
                   vocab_bpe_)
                   .ok());
}

}  // namespace
}  // namespace anisograd
