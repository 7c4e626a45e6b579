#include "experiments/gpt2/net/dropout.h"

#include <cmath>
#include <set>

#include "experiments/gpt2/net/gradient_check.h"
#include "gtest/gtest.h"
#include "tools/base/isa_testing.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

class DropoutTest : public IsaTest {};
ANISOGRAD_FOR_EACH_ISA(DropoutTest);

constexpr DropoutKey kKey = {7, 3};

std::vector<float> Factors(const Dropout& dropout, uint64_t first, int64_t n) {
  std::vector<float> x(static_cast<size_t>(n), 1.0f);
  dropout.Apply<float>(first, n, x.data());
  return x;
}

TEST_P(DropoutTest, FactorIsAPureFunctionOfTheElement) {
  const Dropout dropout(kKey, 2, DropoutSite::kAttention, 0.1);
  const std::vector<float> all = Factors(dropout, 0, 1000);
  for (const int64_t first : {0, 1, 2, 3, 5, 16, 123}) {
    for (const int64_t n : {0, 1, 3, 15, 16, 17, 64, 400}) {
      const std::vector<float> part =
          Factors(dropout, static_cast<uint64_t>(first), n);
      EXPECT_EQ(part, std::vector<float>(all.begin() + first,
                                         all.begin() + first + n));
    }
  }
  // Straight from the definition: words of Philox blocks, four by four.
  for (uint64_t e = 0; e < 1000; ++e) {
    uint32_t words[4];
    dropout.Words(e / 4, words);
    const bool kept = words[e % 4] >= static_cast<uint32_t>(0.1 * 4294967296.0);
    EXPECT_EQ(all[e], kept ? static_cast<float>(1.0 / 0.9) : 0.0f);
  }
}

TEST_P(DropoutTest, KeepsTheShareItShould) {
  for (const double p : {0.0, 0.1, 0.5, 0.9}) {
    const Dropout dropout(kKey, 0, DropoutSite::kEmbedding, p);
    constexpr int64_t kElements = 200000;
    int64_t kept = 0;
    double sum = 0.0;
    for (const float f : Factors(dropout, 0, kElements)) {
      kept += f != 0.0f;
      sum += f;
    }
    const double deviation = std::sqrt(kElements * p * (1 - p));
    EXPECT_NEAR(static_cast<double>(kept), kElements * (1 - p),
                5 * deviation + 1e-9);
    // The mean is preserved.
    EXPECT_NEAR(sum / kElements, 1.0,
                5 * deviation / kElements / (1 - p) + 1e-6);
  }
}

TEST_P(DropoutTest, SeedStepLayerAndSiteAllCount) {
  std::set<std::vector<float>> patterns;
  const auto add = [&](const DropoutKey& key, int layer, DropoutSite site) {
    patterns.insert(Factors(Dropout(key, layer, site, 0.5), 0, 128));
  };
  add({7, 3}, 2, DropoutSite::kAttention);
  add({8, 3}, 2, DropoutSite::kAttention);
  add({7, 4}, 2, DropoutSite::kAttention);
  add({7, 3}, 1, DropoutSite::kAttention);
  add({7, 3}, 2, DropoutSite::kFeedForwardResidual);
  EXPECT_EQ(patterns.size(), 5u);
}

TEST_P(DropoutTest, RowsAreNumberedWithinTheStep) {
  const Dropout dropout(kKey, 0, DropoutSite::kEmbedding, 0.3);
  TestMatrix<float> whole(20, 13, 1);
  ThreadPool one(1), three(3);
  ApplyDropout<float>(&one, dropout, 0, whole.view());
  // In two parts, on another number of threads.
  TestMatrix<float> parts(20, 13, 1);
  ApplyDropout<float>(&three, dropout, 0, parts.view().Block(0, 0, 9, 13));
  ApplyDropout<float>(&three, dropout, 9, parts.view().Block(9, 0, 11, 13));
  EXPECT_EQ(parts.values(), whole.values());
}

TEST_P(DropoutTest, NoneChangesNothing) {
  const TestMatrix<float> before(4, 5, 1);
  TestMatrix<float> x(4, 5, 1);
  ThreadPool pool(1);
  ApplyDropout<float>(&pool, Dropout(), 0, x.view());
  EXPECT_EQ(x.values(), before.values());
  EXPECT_FALSE(Dropout().enabled());
}

}  // namespace
}  // namespace anisograd
