#include "experiments/gpt2/net/flops.h"

#include "experiments/gpt2/net/config.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

TEST(Flops, Gpt2SmallCountsItsMatrices) {
  // Block weights 12 * 12 * 768^2 = 84,934,656, head 50,257 * 768 = 38,597,376,
  // attention 12 * 768 * 2 * 256.5 at 512 tokens.
  EXPECT_DOUBLE_EQ(
      Gpt2TrainingFlopsPerToken(Gpt2Small(), 512),
      6.0 * (84934656.0 + 38597376.0 + 12.0 * 768.0 * 2.0 * 256.5));
}

TEST(Flops, OnlyTokensWithTargetsPayForTheHead) {
  const double all = Gpt2TrainingFlopsPerToken(Gpt2Small(), 100);
  const double none = Gpt2TrainingFlopsPerToken(Gpt2Small(), 100, 0.0);
  EXPECT_DOUBLE_EQ(all - none, 6.0 * 50257 * 768);
  EXPECT_DOUBLE_EQ(Gpt2TrainingFlopsPerToken(Gpt2Small(), 100, 0.5),
                   (all + none) / 2);
}

}  // namespace
}  // namespace anisograd
