#include "tools/bench/training_batch.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <set>
#include <string>

#include "data/token_file.h"
#include "experiments/gpt2/net/config.h"
#include "experiments/gpt2/net/token_batch.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

TEST(AlpacaLengths, HaveAlpacasMeanAndQuantiles) {
  // 64 lengths sum to 7,080.
  std::vector<int64_t> lengths = AlpacaLengths(7080);
  ASSERT_EQ(lengths.size(), 64u);
  std::sort(lengths.begin(), lengths.end());
  EXPECT_EQ(std::set<int64_t>(lengths.begin(), lengths.end()).size(), 64u);
  EXPECT_NEAR(std::accumulate(lengths.begin(), lengths.end(), 0) / 64.0, 111.0,
              0.5);
  // The official data's: 71, 96, 136.
  EXPECT_NEAR(lengths[16], 71, 2);
  EXPECT_NEAR(lengths[32], 96, 2);
  EXPECT_NEAR(lengths[48], 136, 3);
}

TEST(AlpacaLengths, FillTheTokensWithWholeSequences) {
  for (const int64_t tokens : {500, 4096, 16384}) {
    const std::vector<int64_t> lengths = AlpacaLengths(tokens);
    const int64_t sum = std::accumulate(lengths.begin(), lengths.end(), 0);
    EXPECT_LE(sum, tokens);
    EXPECT_GT(sum, tokens - 340);
  }
}

TEST(MakeUpBatch, FitsTheModelAndPredictsTheNextToken) {
  const Gpt2Config config = Gpt2Small();
  const SequenceBatch batch = MakeUpBatch({1, 5, 1024}, config.vocabulary());
  TokenBatch view;
  view.tokens = batch.tokens;
  view.starts = batch.starts;
  view.targets = batch.targets;
  EXPECT_TRUE(ValidateTokenBatch(config, view).ok());
  EXPECT_EQ(batch.starts, (std::vector<int64_t>{0, 1, 6, 1030}));
  EXPECT_EQ(batch.targets[0], kNoTarget);
  EXPECT_EQ(batch.targets[1], batch.tokens[2]);
  EXPECT_EQ(batch.targets[5], kNoTarget);
  EXPECT_EQ(batch.counted_tokens(), 1027);
  // Log-uniform: half of the ids are below the root of the vocabulary.
  const auto frequent = std::count_if(batch.tokens.begin(), batch.tokens.end(),
                                      [](int32_t id) { return id < 224; });
  EXPECT_NEAR(static_cast<double>(frequent), 515.0, 60.0);
}

TEST(TrainingBatch, HasSequencesOfOneLength) {
  const auto batch = TrainingBatch(Sequences::kLongest, 100, 48, 10);
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ(batch->starts, (std::vector<int64_t>{0, 48, 96}));
}

TEST(TrainingBatch, TakesExamplesOfATokenFile) {
  InstructionTokens tokens;
  tokens.vocabulary_size = 7;
  tokens.end_of_text = 6;
  tokens.tokens = {1, 2, 6, 3, 4, 6};
  tokens.offsets = {0, 3, 6};
  tokens.prompt_lengths = {1, 1};
  const std::string path = ::testing::TempDir() + "/tokens.bin";
  ASSERT_TRUE(WriteTokenFile(path, {}, tokens).ok());
  setenv("BENCH_TOKENS", path.c_str(), 1);
  const auto batch = TrainingBatch(Sequences::kAlpaca, 100, 1024, 7);
  const auto one = TrainingBatch(Sequences::kAlpaca, 5, 1024, 7);
  const auto none = TrainingBatch(Sequences::kAlpaca, 2, 1024, 7);
  const auto foreign = TrainingBatch(Sequences::kAlpaca, 100, 1024, 6);
  unsetenv("BENCH_TOKENS");
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->starts, (std::vector<int64_t>{0, 3, 6}));
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->starts, (std::vector<int64_t>{0, 3}));
  EXPECT_EQ(none.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(foreign.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(TrainingBatch, IsNeverEmpty) {
  EXPECT_EQ(TrainingBatch(Sequences::kAlpaca, 5, 1024, 7).status().code(),
            absl::StatusCode::kInvalidArgument);
  const auto longest = TrainingBatch(Sequences::kLongest, 5, 8, 7);
  ASSERT_TRUE(longest.ok());
  EXPECT_EQ(longest->sequences(), 1);
}

TEST(TrainingFlops, CountsPairsOfEachSequence) {
  Gpt2Config config;
  config.set_layers(2);
  config.set_width(4);
  config.set_vocabulary(10);
  const SequenceBatch batch = MakeUpBatch({1, 3}, 10);
  // Weights: 6 x 12 x 2 x 16 for each of 4 tokens. The head: 6 x 10 x 4 for
  // each of 2 with a target. Attention: 1 + 6 pairs, each 2 multiply-adds a
  // column and layer, three times.
  EXPECT_DOUBLE_EQ(TrainingFlops(config, batch),
                   4 * 2304.0 + 2 * 240.0 + 7 * (2 * 2 * 4 * 2 * 3));
}

}  // namespace
}  // namespace anisograd
