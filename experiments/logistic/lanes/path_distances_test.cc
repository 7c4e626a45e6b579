#include "experiments/logistic/lanes/path_distances.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

// w in two dimensions, w* = (3, 4), from the origin at distance 5.
TEST(PathDistances, TwoStepsByHand) {
  const std::vector<double> optimum = {3.0, 4.0};
  const std::vector<absl::Span<const double>> optima = {optimum};
  PathDistances<double> path(optima);
  path.Restart(0, 25.0, 4.0);
  EXPECT_EQ(path.LargestL2(0), 5.0);
  // To (-9, 4) and back to (3, 4): 12 away in between.
  path.Move(0, 0.0, -9.0);
  path.Move(1, 0.0, 4.0);
  path.EndStep();
  path.Move(0, -9.0, 3.0);
  path.EndStep();
  EXPECT_EQ(path.LargestL2(0), 12.0);
  EXPECT_EQ(path.LargestLinf(0), 12.0);
}

// The moves of one step count together: w is never half a step away.
TEST(PathDistances, SeesWholeSteps) {
  const std::vector<double> optimum = {0.0, 0.0};
  const std::vector<absl::Span<const double>> optima = {optimum};
  PathDistances<double> path(optima);
  path.Restart(0, 25.0, 5.0);  // at (5, 0)
  path.Move(1, 0.0, 4.0);
  path.Move(0, 5.0, 3.0);
  path.EndStep();
  EXPECT_EQ(path.LargestL2(0), 5.0);
}

TEST(PathDistances, FollowsARandomWalkInEveryLane) {
  constexpr int kDimension = 50, kLanes = Lanes8::kLanes;
  RandomStream random(3, RandomPurpose::kTest);
  std::vector<double> near(kDimension), far(kDimension);
  for (double& x : near) x = random.NextUniform(-1, 1);
  for (double& x : far) x = random.NextUniform(-90, 90);
  const std::vector<absl::Span<const double>> optima = {near, far};
  PathDistances<Lanes8> path(optima);
  std::vector<std::vector<double>> w(kLanes,
                                     std::vector<double>(kDimension, 0.0));
  std::vector<double> l2(2 * kLanes, 0.0), linf(2 * kLanes, 0.0);
  const auto measure = [&](bool restart) {
    for (int o = 0; o < 2; ++o) {
      alignas(32) double squares[kLanes], largest[kLanes];
      for (int i = 0; i < kLanes; ++i) {
        squares[i] = largest[i] = 0.0;
        for (int j = 0; j < kDimension; ++j) {
          const double x = w[i][j] - optima[o][j];
          squares[i] += x * x;
          largest[i] = std::max(largest[i], std::fabs(x));
        }
        l2[o * kLanes + i] =
            std::max(l2[o * kLanes + i], std::sqrt(squares[i]));
        linf[o * kLanes + i] = std::max(linf[o * kLanes + i], largest[i]);
      }
      if (restart) {
        path.Restart(o, Lanes8::Load(squares), Lanes8::Load(largest));
      }
    }
  };
  measure(true);
  for (int step = 0; step < 2000; ++step) {
    for (int move = 0; move < 5; ++move) {
      // A step moves a coordinate once.
      const int64_t j = 10 * move + static_cast<int64_t>(random.NextBelow(10));
      alignas(32) double before[kLanes], after[kLanes];
      for (int i = 0; i < kLanes; ++i) {
        before[i] = w[i][j];
        after[i] = w[i][j] = before[i] + random.NextUniform(-1, 1);
      }
      path.Move(j, Lanes8::Load(before), Lanes8::Load(after));
    }
    path.EndStep();
    measure(step % 500 == 499);
  }
  for (int o = 0; o < 2; ++o) {
    alignas(32) double path_l2[kLanes], path_linf[kLanes];
    path.LargestL2(o).Store(path_l2);
    path.LargestLinf(o).Store(path_linf);
    for (int i = 0; i < kLanes; ++i) {
      EXPECT_NEAR(path_l2[i], l2[o * kLanes + i], 1e-12 * l2[o * kLanes + i]);
      EXPECT_EQ(path_linf[i], linf[o * kLanes + i]);
    }
  }
}

TEST(PathDistances, NaNRaisesNothing) {
  const std::vector<double> optimum = {0.0};
  const std::vector<absl::Span<const double>> optima = {optimum};
  PathDistances<double> path(optima);
  path.Restart(0, 4.0, 2.0);
  path.Move(0, 2.0, std::numeric_limits<double>::quiet_NaN());
  path.EndStep();
  EXPECT_EQ(path.LargestL2(0), 2.0);
  EXPECT_EQ(path.LargestLinf(0), 2.0);
}

}  // namespace
}  // namespace anisograd
