#include "analysis/confidence.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tools/base/normal.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

TEST(BootstrapMean, OfEqualValuesIsTheValue) {
  const Interval i = BootstrapMean({2.0, 2.0, 2.0}, 1);
  EXPECT_EQ(i.mean, 2.0);
  EXPECT_EQ(i.low, 2.0);
  EXPECT_EQ(i.high, 2.0);
}

TEST(BootstrapMean, OfTwoValuesSaysNothing) {
  const Interval i = BootstrapMean({1.0, 2.0}, 1);
  EXPECT_EQ(i.mean, 1.5);
  EXPECT_EQ(i.low, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(i.high, std::numeric_limits<double>::infinity());
}

// Of 200 standard normal numbers: about the mean +- 1.96 deviations of the mean.
TEST(BootstrapMean, AgreesWithTheNormalInterval) {
  const RandomStream random(5, RandomPurpose::kTest);
  std::vector<double> values;
  double sum = 0, squares = 0;
  for (int i = 0; i < 200; ++i) {
    values.push_back(NormalAt(random, i));
    sum += values.back();
    squares += values.back() * values.back();
  }
  const double mean = sum / 200;
  const double error = std::sqrt((squares / 200 - mean * mean) / 200);
  const Interval i = BootstrapMean(values, 1);
  EXPECT_NEAR(i.mean, mean, 1e-12);
  EXPECT_NEAR(i.low, mean - 1.97 * error, 0.15 * error);
  EXPECT_NEAR(i.high, mean + 1.97 * error, 0.15 * error);
  // The same bits again, others of another stream.
  EXPECT_EQ(BootstrapMean(values, 1).low, i.low);
  EXPECT_NE(BootstrapMean(values, 2).low, i.low);
}

// What "95 %" says, of ten seeds. Quantiles of the means drawn hold it in 90 of
// 100 cases.
TEST(BootstrapMean, OfTenNormalNumbersHoldsTheTruthInNineteenOfTwentyCases) {
  const RandomStream random(6, RandomPurpose::kTest);
  int covered = 0;
  for (int sample = 0; sample < 400; ++sample) {
    std::vector<double> values;
    for (int i = 0; i < 10; ++i) {
      values.push_back(NormalAt(random, 10 * sample + i));
    }
    const Interval interval = BootstrapMean(values, sample);
    covered += interval.low <= 0.0 && 0.0 <= interval.high;
  }
  // Three deviations of 400 cases with probability 0.95: 13.
  EXPECT_NEAR(covered, 380, 13);
}

TEST(SignTest, IsTheBinomialTail) {
  EXPECT_DOUBLE_EQ(SignTest(10, 10), 1.0 / 1024);
  EXPECT_DOUBLE_EQ(SignTest(9, 10), 11.0 / 1024);
  EXPECT_DOUBLE_EQ(SignTest(0, 10), 1.0);
  EXPECT_DOUBLE_EQ(SignTest(2, 3), 0.5);
}

TEST(HolmRejects, ByStepsFromTheSmallest) {
  EXPECT_EQ(HolmRejects({0.04, 0.01}), (std::vector<bool>{true, true}));
  EXPECT_EQ(HolmRejects({0.04, 0.03}), (std::vector<bool>{false, false}));
  EXPECT_EQ(HolmRejects({0.2, 0.001, 0.02}),
            (std::vector<bool>{false, true, true}));
}

ConvexQuantities MakeFresh() {
  ConvexQuantities q;
  for (const char* method : {"sgd", "adagrad"}) {
    CellQuantities cell;
    cell.method = method;
    cell.batch_size = 4;
    cell.suboptimality = Quantity{0.0};
    for (uint64_t seed = 4; seed < 14; ++seed) {
      const double value = cell.method == "sgd" ? 0.3 : 0.2;
      cell.seed_suboptimality.push_back({seed, value + 0.01 * (seed % 3)});
    }
    q.cells.push_back(cell);
  }
  return q;
}

TEST(ComparePairs, SignificantWhereAllSeedsAgreeAndNotWhereTheyDoNot) {
  ConvexQuantities q = MakeFresh();
  ASSERT_OK_AND_ASSIGN(auto pairs, ComparePairs(q));
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].below, 10);
  EXPECT_DOUBLE_EQ(pairs[0].p_value, 1.0 / 1024);
  EXPECT_NEAR(pairs[0].difference->mean, 0.1, 1e-12);
  EXPECT_NEAR(pairs[0].difference->low, 0.1, 1e-12);
  EXPECT_LT(pairs[0].sgd.low, pairs[0].sgd.high);
  // Half of the seeds the other way round: the interval holds 0.
  for (int i = 0; i < 5; ++i) q.cells[1].seed_suboptimality[i].value += 0.2;
  ASSERT_OK_AND_ASSIGN(pairs, ComparePairs(q));
  EXPECT_EQ(pairs[0].below, 5);
  EXPECT_GT(pairs[0].p_value, 0.5);
  EXPECT_LT(pairs[0].difference->low, 0.0);
  EXPECT_GT(pairs[0].difference->high, 0.0);
}

TEST(ComparePairs, RefusesOtherSeeds) {
  ConvexQuantities q = MakeFresh();
  q.cells[1].seed_suboptimality[3].seed = 99;
  EXPECT_FALSE(ComparePairs(q).ok());
  for (const int method : {0, 1}) {
    q = MakeFresh();
    q.cells[method].seed_suboptimality.push_back({99, 1.0});
    EXPECT_EQ(ComparePairs(q).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(ComparePairs, AdaGradAloneExplodedIsOnNoSeedBelow) {
  ConvexQuantities q = MakeFresh();
  q.cells[1].suboptimality.reset();
  q.cells[1].seed_suboptimality.clear();
  ASSERT_OK_AND_ASSIGN(const auto pairs, ComparePairs(q));
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_FALSE(pairs[0].adagrad.has_value());
  EXPECT_EQ(pairs[0].below, 0);
  EXPECT_EQ(pairs[0].seeds, 10);
  EXPECT_EQ(pairs[0].p_value, 1.0);
}

}  // namespace
}  // namespace anisograd
