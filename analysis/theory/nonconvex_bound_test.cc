#include "analysis/theory/nonconvex_bound.h"

#include <cmath>
#include <optional>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

NonconvexRun MakeRun(int64_t steps, double rate, double epsilon, double gap) {
  NonconvexRun run;
  run.steps = steps;
  run.batch_size = 4;
  run.rate = rate;
  run.epsilon = epsilon;
  run.initial_gap = gap;
  return run;
}

// No curvature and no noise: S = 2 Delta / eta and X^2 = S (epsilon + 2 X).
TEST(NonconvexBound, WithoutCurvature) {
  const std::vector<double> zero = {0};
  ASSERT_OK_AND_ASSIGN(
      const std::optional<double> bound,
      BoundAdaGradGradient(MakeRun(9, 0.5, 1.0, 1.0), zero, zero, zero));
  const double x = 4.0 + std::sqrt(16.0 + 4.0);
  EXPECT_NEAR(*bound, x * x / 9.0, 1e-12);
}

// One step, T = 1, so that R = 1: sigma = 2, M = 4, sigma' = 1, L0 = 6,
// eta = 1/2, a = 1 + 1.5. S = 2 (Delta / eta + 2.5) and
// X^2 = S (epsilon + 2 X + 2).
TEST(NonconvexBound, OneStepByHand) {
  const std::vector<double> l0 = {6}, zero = {0}, sigma = {2};
  ASSERT_OK_AND_ASSIGN(
      const std::optional<double> bound,
      BoundAdaGradGradient(MakeRun(1, 0.5, 1e-3, 0.25), l0, zero, sigma));
  const double s = 2.0 * (0.5 + 2.5);
  const double x = s + std::sqrt(s * s + s * (1e-3 + 2.0));
  EXPECT_NEAR(*bound, x * x, 1e-9);
}

// The value is a fixed point of the inequality that defines it, and more of
// anything raises it.
TEST(NonconvexBound, IsTheLargestSolutionAndRises) {
  const std::vector<double> l0 = {1, 3}, l1 = {0.1, 0.2}, sigma = {0.5, 1};
  const NonconvexRun run = MakeRun(1000, 0.1, 1e-8, 2.0);
  ASSERT_OK_AND_ASSIGN(const std::optional<double> bound,
                       BoundAdaGradGradient(run, l0, l1, sigma));
  const double x = std::sqrt(*bound * 1000);
  const double a[] = {0.25 + 0.05 * (1 + 0.1 * 0.25),
                      0.5 + 0.05 * (3 + 0.2 * 0.5)};
  const double sum = a[0] + a[1];
  double entropy = 0.0;
  for (const double v : a) entropy -= v / sum * std::log(v / sum);
  const double noise = 0.75, root = std::sqrt(1000.0);
  const double r =
      2 * (std::log((2e-8 + x + root * noise) / 1e-8) - entropy);
  const double s = (20.0 + sum * r) / (0.5 - 0.1 * 0.2);
  EXPECT_NEAR(x * x, s * (2e-8 + 2 * x + (root + 1) * noise), 1e-8 * x * x);
  for (const std::vector<double>& more : {std::vector<double>{2, 3}}) {
    ASSERT_OK_AND_ASSIGN(const auto higher,
                         BoundAdaGradGradient(run, more, l1, sigma));
    EXPECT_GT(*higher, *bound);
    ASSERT_OK_AND_ASSIGN(const auto noisier,
                         BoundAdaGradGradient(run, l0, l1, more));
    EXPECT_GT(*noisier, *bound);
  }
}

TEST(NonconvexBound, NothingIsSaidOfLargeSteps) {
  const std::vector<double> one = {1};
  ASSERT_OK_AND_ASSIGN(
      const std::optional<double> bound,
      BoundAdaGradGradient(MakeRun(9, 0.5, 1.0, 1.0), one, one, one));
  EXPECT_FALSE(bound.has_value());
}

TEST(NonconvexBound, BadArguments) {
  const std::vector<double> one = {1}, two = {1, 1}, negative = {-1};
  EXPECT_EQ(BoundAdaGradGradient(MakeRun(9, 0.1, 0.0, 1.0), one, one, one)
                .status()
                .message(),
            "epsilon: out of its range, got 0");
  EXPECT_EQ(BoundAdaGradGradient(MakeRun(9, 0.1, 1.0, 1.0), one, two, one)
                .status()
                .message(),
            "l0, l1, sigma: have 1, 2 and 1 entries");
  EXPECT_FALSE(
      BoundAdaGradGradient(MakeRun(9, 0.1, 1.0, 1.0), negative, one, one).ok());
}

}  // namespace
}  // namespace anisograd
