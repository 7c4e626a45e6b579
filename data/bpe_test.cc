#include "data/bpe.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/bpe_test_vocabulary.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

BpeVocabulary Vocabulary(
    const std::vector<std::pair<std::string, std::string>>& merges) {
  const TestVocabulary files = MakeTestVocabulary(merges);
  auto vocabulary =
      BpeVocabulary::FromGpt2Files(files.encoder_json, files.vocab_bpe);
  EXPECT_TRUE(vocabulary.ok()) << vocabulary.status();
  return *std::move(vocabulary);
}

// The tokens of `text`, written out.
std::vector<std::string> Tokens(const BpeVocabulary& v,
                                const std::string& text) {
  BpeEncoder encoder(&v);
  const auto ids = encoder.Encode(text);
  EXPECT_TRUE(ids.ok()) << ids.status();
  EXPECT_EQ(*v.Decode(*ids), text);
  std::vector<std::string> out;
  for (const int32_t id : *ids) out.emplace_back(v.TokenBytes(id));
  return out;
}

TEST(BpeEncoder, TheEarlierMergeWins) {
  // "bc" comes before "ab", so "abc" is a + bc.
  const BpeVocabulary v = Vocabulary({{"b", "c"}, {"a", "b"}, {"ab", "c"}});
  EXPECT_THAT(Tokens(v, "abc"), ElementsAre("a", "bc"));
  EXPECT_THAT(Tokens(v, "abab"), ElementsAre("ab", "ab"));
}

TEST(BpeEncoder, TheLeftmostOfEqualPairsMergesFirst) {
  const BpeVocabulary v = Vocabulary({{"a", "a"}, {"aa", "aa"}, {"aa", "a"}});
  EXPECT_THAT(Tokens(v, "aaa"), ElementsAre("aaa"));
  EXPECT_THAT(Tokens(v, "aaaaa"), ElementsAre("aaaa", "a"));
  EXPECT_THAT(Tokens(v, "aaaaaaa"), ElementsAre("aaaa", "aaa"));
}

TEST(BpeEncoder, MergesDoNotCrossPieces) {
  const BpeVocabulary v = Vocabulary({{"a", "Ġ"}, {"Ġ", "b"}, {"a", "1"}});
  EXPECT_THAT(Tokens(v, "a b"), ElementsAre("a", " b"));
  EXPECT_THAT(Tokens(v, "a1"), ElementsAre("a", "1"));
}

TEST(BpeEncoder, ByteLevelGivesOneTokenPerByte) {
  const BpeVocabulary v = BpeVocabulary::ByteLevel();
  EXPECT_THAT(Tokens(v, "é !"), ElementsAre("\xc3", "\xa9", " ", "!"));
  EXPECT_THAT(Tokens(v, ""), ElementsAre());
}

TEST(BpeEncoder, EndOfTextInATextIsText) {
  const BpeVocabulary v = BpeVocabulary::ByteLevel();
  EXPECT_EQ(Tokens(v, "<|endoftext|>").size(), 13u);
}

// The definition, in quadratic time: merge all occurrences of the pair whose
// merge comes first, left to right, until no pair merges.
std::vector<int32_t> EncodePieceByDefinition(const BpeVocabulary& v,
                                             const std::string& piece) {
  std::vector<int32_t> word;
  for (const char c : piece) {
    word.push_back(v.ByteToken(static_cast<uint8_t>(c)));
  }
  while (true) {
    int32_t best = BpeVocabulary::kNoMerge;
    for (size_t i = 0; i + 1 < word.size(); ++i) {
      best = std::min(best, v.Merge(word[i], word[i + 1]));
    }
    if (best == BpeVocabulary::kNoMerge) return word;
    std::vector<int32_t> next;
    for (size_t i = 0; i < word.size(); ++i) {
      if (i + 1 < word.size() && v.Merge(word[i], word[i + 1]) == best) {
        next.push_back(best);
        ++i;
      } else {
        next.push_back(word[i]);
      }
    }
    word = next;
  }
}

TEST(BpeEncoder, EqualsTheDefinitionOnRandomWords) {
  const BpeVocabulary v = Vocabulary({{"a", "b"},
                                      {"b", "a"},
                                      {"a", "a"},
                                      {"ab", "a"},
                                      {"b", "b"},
                                      {"aa", "b"},
                                      {"ab", "ab"},
                                      {"bb", "aa"},
                                      {"ba", "c"},
                                      {"c", "ab"},
                                      {"abab", "c"},
                                      {"aba", "aba"}});
  BpeEncoder encoder(&v);
  RandomStream stream(3, RandomPurpose::kTest);
  for (int trial = 0; trial < 20000; ++trial) {
    std::string word;
    // Beyond the longest piece that is cached, too.
    for (uint64_t n = stream.NextBelow(80); n > 0; --n) {
      word += "abc"[stream.NextBelow(3)];
    }
    ASSERT_OK_AND_ASSIGN(const std::vector<int32_t> ids, encoder.Encode(word));
    ASSERT_EQ(ids, EncodePieceByDefinition(v, word)) << word;
  }
}

TEST(BpeEncoder, ALongPieceIsNotQuadratic) {
  const BpeVocabulary v = Vocabulary({{"a", "a"}, {"aa", "aa"}});
  EXPECT_EQ(Tokens(v, std::string(1000000, 'a')).size(), 250000u);
}

TEST(BpeEncoder, TextThatIsNotUtf8AppendsNothing) {
  const BpeVocabulary v = BpeVocabulary::ByteLevel();
  BpeEncoder encoder(&v);
  std::vector<int32_t> tokens = {7};
  EXPECT_THAT(std::string(encoder.Append("ok \xff", &tokens).message()),
              HasSubstr("not UTF-8 at byte 3"));
  EXPECT_THAT(tokens, ElementsAre(7));
}

}  // namespace
}  // namespace anisograd
