#include "analysis/expected_smoothness.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "analysis/gram.h"
#include "data/synthetic.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Rows (1, 2) alone: min L1 + L2 with 1 / L1 + 4 / L2 <= 4 is (1 + 2)^2 / 4 at
// L = (3/4, 3/2).
TEST(ExpectedSmoothness, OfOneRow) {
  CsrMatrix m;
  m.features = 2;
  m.row_start = {0, 2};
  m.index = {0, 1};
  m.value = {1, -2};
  m.label = {1};
  const ExpectedSmoothness e = ComputeExpectedSmoothness(m.view());
  EXPECT_NEAR(e.sum, 9.0 / 4, 1e-15);
  EXPECT_NEAR(e.lower_bound, 9.0 / 4, 1e-15);
  EXPECT_NEAR(e.diagonal[0], 0.75, 1e-15);
  EXPECT_NEAR(e.diagonal[1], 1.5, 1e-15);
  EXPECT_EQ(e.isotropic, 1.25);
}

// Rows e_1 and 2 e_2: L* = (1/4, 1), however often a row stands there.
TEST(ExpectedSmoothness, DoesNotDependOnHowOftenARowIsThere) {
  CsrMatrix m;
  m.features = 3;
  m.row_start = {0, 1, 2, 3, 4};
  m.index = {0, 0, 0, 1};
  m.value = {1, 1, 1, 2};
  m.label = {1, 1, 1, 1};
  const ExpectedSmoothness e = ComputeExpectedSmoothness(m.view(), 1e-9, 500);
  EXPECT_NEAR(e.diagonal[0], 0.25, 5e-9);
  EXPECT_NEAR(e.diagonal[1], 1.0, 1e-8);
  EXPECT_EQ(e.diagonal[2], 0.0);
  EXPECT_LE(e.gap(), 1e-9);
}

// (19) itself, at random pairs of points where one is made the minimum: with
// labels that the loss at w* cannot improve on there is no closed form, so f is
// minimised by gradient descent.
TEST(ExpectedSmoothness, Inequality19Holds) {
  CsrMatrix m = GenerateExponentialTail(80, 5, 0.3, 5);
  RandomStream random(4, RandomPurpose::kTest);
  for (int8_t& y : m.label) y = random.NextBelow(2) == 0 ? 1 : -1;
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  const ExpectedSmoothness e = ComputeExpectedSmoothness(m.view(), 1e-3, 2000);
  EXPECT_LE(e.gap(), 1e-3);
  EXPECT_LT(e.sum, e.isotropic * 5);
  std::vector<double> best(5), gradient(5);
  for (int t = 0; t < 20000; ++t) {
    problem.LossAndGradient(best, absl::MakeSpan(gradient));
    for (int j = 0; j < 5; ++j) best[j] -= gradient[j];
  }
  const double least = problem.Loss(best);
  const std::vector<double> s_best = Residuals(problem, best);
  double closest = 0;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> w = best;
    for (double& x : w) x += random.NextUniform(-3, 3);
    const std::vector<double> s = Residuals(problem, w);
    double left = 0;
    const CsrView& view = problem.view();
    for (int64_t i = 0; i < view.rows; ++i) {
      for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
        const double g = (s[i] - s_best[i]) * view.value[k];
        left += g * g / e.diagonal[view.index[k]] / 2 / view.rows;
      }
    }
    const double right = problem.Loss(w) - least;
    EXPECT_LE(left, right + 1e-12);
    closest = std::fmax(closest, left / right);
  }
  EXPECT_GT(closest, 0.1);
}

}  // namespace
}  // namespace anisograd
