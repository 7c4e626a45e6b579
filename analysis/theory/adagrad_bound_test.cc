#include "analysis/theory/adagrad_bound.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

AdaGradRun MakeRun(int64_t steps, double batch_size, double rate) {
  AdaGradRun run;
  run.steps = steps;
  run.inverse_batches = static_cast<double>(steps) / batch_size;
  run.first_rate = run.last_rate = rate;
  return run;
}

// f(w) = w_1^2 + 2 w_2^2: L = (2, 4). sigma = (1, 3), D_inf = 2, T = 8, M = 2,
// eta = D_inf / sqrt(2) = sqrt(2), so that K = 2 sqrt(2):
//   bias      4 * 6 * 4 / 8 = 12
//   variance  2 sqrt(2) * 2 * 4 / sqrt(16) = 4 sqrt(2)
TEST(AdaGradBound, AQuadraticAtTheBestStepHasTheTextsConstants) {
  const std::vector<double> l = {2, 4}, sigma = {1, 3}, d = {2, 2};
  EXPECT_DOUBLE_EQ(BestAdaGradRate(2.0), std::sqrt(2.0));
  ASSERT_OK_AND_ASSIGN(
      const ConvexBound bound,
      BoundAdaGrad(MakeRun(8, 2, BestAdaGradRate(2.0)), l, sigma, d));
  EXPECT_NEAR(bound.bias, 12.0, 1e-12);
  EXPECT_NEAR(bound.variance, 4.0 * std::sqrt(2.0), 1e-12);
  EXPECT_EQ(bound.epsilon, 0.0);
  // A = sqrt(12 A) + 2 sqrt(2) at the solution.
  EXPECT_NEAR(bound.solved,
              std::sqrt(12.0 * bound.solved) + 2.0 * std::sqrt(2.0), 1e-12);
  EXPECT_LT(bound.solved, bound.total());
}

// At eta = D_inf the proof gives 4.5 in place of 4: K = 1.5 D_inf.
TEST(AdaGradBound, AtTheTheoremsStep) {
  const std::vector<double> l = {1}, sigma = {0}, d = {1};
  ASSERT_OK_AND_ASSIGN(const ConvexBound bound,
                       BoundAdaGrad(MakeRun(1, 1, 1.0), l, sigma, d));
  EXPECT_DOUBLE_EQ(bound.total(), 4.5);
  // Without noise and epsilon nothing is lost by 2ab <= a^2 + b^2.
  EXPECT_DOUBLE_EQ(bound.solved, bound.total());
}

// D by coordinate: K = (eta, eta + 2^2 / (2 eta)) = (1, 3) at eta = 1.
TEST(AdaGradBound, CoordinatesHaveTheirOwnDistances) {
  const std::vector<double> l = {5, 7}, sigma = {2, 1}, d = {0, 2};
  ASSERT_OK_AND_ASSIGN(const ConvexBound bound,
                       BoundAdaGrad(MakeRun(4, 1, 1.0), l, sigma, d));
  EXPECT_DOUBLE_EQ(bound.bias, 2.0 * (5 + 9 * 7) / 4.0);
  EXPECT_DOUBLE_EQ(bound.variance, 2.0 * (2 + 3) * 2.0 / 4.0);
}

// eta_0 = 2, eta_3 = 1, epsilon = 1/2, |w_0 - w*| = 2, D = 3, T = 4:
//   K = 2 + 9 / 2, epsilon term (1/2) (4 / 2 + 9 (1 - 1/2)) / 4 = 0.8125.
TEST(AdaGradBound, FallingStepsAndEpsilon) {
  AdaGradRun run = MakeRun(4, 1, 2.0);
  run.last_rate = 1.0;
  run.epsilon = 0.5;
  run.initial_distance = 2.0;
  const std::vector<double> l = {1}, sigma = {0}, d = {3};
  ASSERT_OK_AND_ASSIGN(const ConvexBound bound,
                       BoundAdaGrad(run, l, sigma, d));
  EXPECT_DOUBLE_EQ(bound.bias, 2.0 * 6.5 * 6.5 / 4.0);
  EXPECT_DOUBLE_EQ(bound.epsilon, 0.8125);
}

TEST(AdaGradBound, BadArgumentsAreNamed) {
  const std::vector<double> one = {1}, two = {1, 1}, negative = {-1};
  EXPECT_EQ(BoundAdaGrad(MakeRun(1, 1, 1), one, two, one).status().message(),
            "sigma: has 2 entries, not the 1 of smoothness");
  EXPECT_EQ(BoundAdaGrad(MakeRun(1, 1, 1), one, one, negative).status().message(),
            "distance[0]: must be finite and not negative, got -1");
  EXPECT_EQ(BoundAdaGrad(MakeRun(0, 1, 1), one, one, one).status().message(),
            "steps: out of its range, got 0");
  AdaGradRun rising = MakeRun(1, 1, 1.0);
  rising.last_rate = 2.0;
  EXPECT_EQ(BoundAdaGrad(rising, one, one, one).status().message(),
            "first_rate: out of its range, got 1");
}

}  // namespace
}  // namespace anisograd
