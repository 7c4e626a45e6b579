#include "data/random_draws.h"

#include <cstdint>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace anisograd {
namespace {

RandomStream Stream() { return RandomStream(1, RandomPurpose::kTest); }

TEST(Discrete, FollowsTheWeightsAndNeverDrawsAZero) {
  const Discrete draw({0.0, 1.0, 0.0, 3.0, 0.0});
  RandomStream stream = Stream();
  std::vector<int> counts(5);
  for (int k = 0; k < 40000; ++k) ++counts[draw.Draw(&stream)];
  EXPECT_EQ(counts[0] + counts[2] + counts[4], 0);
  EXPECT_NEAR(counts[1], 10000, 300);
}

TEST(Discrete, TakesOneWeightAndWeightsOfAnySize) {
  RandomStream stream = Stream();
  EXPECT_EQ(Discrete({2.5}).Draw(&stream), 0);
  const Discrete draw({1e-300, 1e300, 1e-300});
  for (int k = 0; k < 100; ++k) EXPECT_EQ(draw.Draw(&stream), 1);
}

std::vector<int64_t> Row(DistinctDraws* draws, int64_t row, int64_t count,
                         const Discrete& draw) {
  RandomStream stream = Stream();
  std::vector<int64_t> out;
  draws->Row(
      row, count, [&] { return draw.Draw(&stream); },
      [&](int64_t j) { out.push_back(j); });
  return out;
}

TEST(DistinctDraws, AreDistinctInEachRow) {
  DistinctDraws draws(100);
  const Discrete draw(std::vector<double>(100, 1.0));
  for (int row = 0; row < 3; ++row) {
    const std::vector<int64_t> features = Row(&draws, row, 50, draw);
    EXPECT_EQ(std::set<int64_t>(features.begin(), features.end()).size(), 50u);
  }
}

// Rejection alone would not end.
TEST(DistinctDraws, EndsWhereAllWeightIsOnOneFeature) {
  std::vector<double> weights(1000, 0.0);
  weights[500] = 1.0;
  DistinctDraws draws(1000);
  EXPECT_EQ(Row(&draws, 0, 4, Discrete(weights)),
            (std::vector<int64_t>{500, 0, 1, 2}));
  EXPECT_EQ(Row(&draws, 1, 1000, Discrete(weights)).size(), 1000u);
}

}  // namespace
}  // namespace anisograd
