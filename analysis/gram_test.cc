#include "analysis/gram.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// X = [1 -2; 0 3], n = 2.
CsrMatrix MakeMatrix() {
  CsrMatrix m;
  m.features = 2;
  m.row_start = {0, 2, 3};
  m.index = {0, 1, 1};
  m.value = {1, -2, 3};
  m.label = {1, -1};
  return m;
}

// H = [1 -2; -2 4 + 9] / 2.
TEST(Gram, IsXTransposedXOverN) {
  const CsrMatrix m = MakeMatrix();
  const Gram gram(m.view());
  EXPECT_FALSE(gram.non_negative());
  EXPECT_EQ(gram.Apply(Eigen::Vector2d(1, 1)), Eigen::Vector2d(-0.5, 5.5));
  EXPECT_EQ(gram.Diagonal(), Eigen::Vector2d(0.5, 6.5));
  EXPECT_EQ(gram.Trace(), 7.0);
  Eigen::Matrix2d h;
  h << 0.5, -1, -1, 6.5;
  EXPECT_EQ(gram.Dense(), h);
  EXPECT_EQ(gram.DenseCost(), 5.0);
}

TEST(Gram, RowsHaveWeights) {
  const CsrMatrix m = MakeMatrix();
  const Gram gram(m.view(), {4, 0});
  EXPECT_EQ(gram.Apply(Eigen::Vector2d(1, 0)), Eigen::Vector2d(2, -4));
  EXPECT_EQ(gram.Diagonal(), Eigen::Vector2d(2, 8));
  EXPECT_EQ(gram.Trace(), 10.0);
  Eigen::Matrix2d h;
  h << 2, -4, -4, 8;
  EXPECT_EQ(gram.Dense(), h);
}

// The Hessian of f by differences of its gradient.
TEST(Gram, LogisticWeightsMakeTheHessian) {
  const CsrMatrix m = MakeMatrix();
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), true));
  const std::vector<double> w = {0.3, -0.2, 0.1};
  const Gram gram(problem.view(), LogisticWeights(problem, w));
  constexpr double kStep = 1e-5;
  for (int j = 0; j < 3; ++j) {
    std::vector<double> plus = w, minus = w, g_plus(3), g_minus(3);
    plus[j] += kStep;
    minus[j] -= kStep;
    problem.LossAndGradient(plus, absl::MakeSpan(g_plus));
    problem.LossAndGradient(minus, absl::MakeSpan(g_minus));
    const Eigen::VectorXd column = gram.Apply(Eigen::Vector3d::Unit(j));
    for (int k = 0; k < 3; ++k) {
      EXPECT_NEAR(column[k], (g_plus[k] - g_minus[k]) / (2 * kStep), 1e-9);
    }
  }
}

// Margins 0.3 + 0.4 + 0.1 = 0.8, and -(-0.6 + 0.1) = 0.5.
TEST(Residuals, AreSigmaOfTheNegativeMargin) {
  const CsrMatrix m = MakeMatrix();
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), true));
  const std::vector<double> s = Residuals(problem, {0.3, -0.2, 0.1});
  EXPECT_NEAR(s[0], 1 / (1 + std::exp(0.8)), 1e-15);
  EXPECT_NEAR(s[1], 1 / (1 + std::exp(0.5)), 1e-15);
}

}  // namespace
}  // namespace anisograd
