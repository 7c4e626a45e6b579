#include "tools/base/eigenvalues.h"

#include <cmath>

#include "gtest/gtest.h"

namespace anisograd {
namespace {

TEST(Eigenvalues, OfTwoByTwo) {
  // (a + c) / 2 -+ sqrt((a - c)^2 / 4 + b^2); the upper triangle is not read.
  Eigen::MatrixXd m(2, 2);
  m << 4.0, 99.0, 2.0, 1.0;
  const Eigen::VectorXd values = SymmetricEigenvalues(m);
  EXPECT_NEAR(values[0], 0.0, 1e-15);
  EXPECT_NEAR(values[1], 5.0, 1e-14);
}

TEST(Eigenvalues, TraceAndFrobeniusNorm) {
  // sum l_i = tr A, sum l_i^2 = |A|_F^2.
  Eigen::MatrixXd m(30, 30);
  for (int i = 0; i < 30; ++i) {
    for (int j = 0; j < 30; ++j) m(i, j) = 1.0 / (1 + i + j) - (i == j ? 0.25 : 0.0);
  }
  const Eigen::VectorXd values = SymmetricEigenvalues(m);
  EXPECT_NEAR(values.sum(), m.trace(), 1e-13);
  EXPECT_NEAR(values.squaredNorm(), m.squaredNorm(), 1e-13);
  for (int i = 1; i < 30; ++i) EXPECT_LE(values[i - 1], values[i]);
}

TEST(Eigenvalues, SecondDifferences) {
  // Of the matrix with 2 on the diagonal and -1 beside it: 2 - 2 cos(k pi / (n + 1)),
  // with vectors sin(j k pi / (n + 1)), j = 1..n.
  constexpr int n = 25;
  const double angle = std::acos(-1.0) / (n + 1);
  const Eigensystem system = TridiagonalEigensystem(
      Eigen::VectorXd::Constant(n, 2.0), Eigen::VectorXd::Constant(n - 1, -1.0));
  for (int k = 1; k <= n; ++k) {
    EXPECT_NEAR(system.values[k - 1], 2.0 - 2.0 * std::cos(k * angle), 1e-13);
    Eigen::VectorXd vector(n);
    for (int j = 1; j <= n; ++j) vector[j - 1] = std::sin(j * k * angle);
    EXPECT_NEAR(std::fabs(vector.normalized().dot(system.vectors.col(k - 1))), 1.0,
                1e-13);
  }
}

TEST(Eigenvalues, OfOneNumber) {
  const Eigensystem system =
      TridiagonalEigensystem(Eigen::VectorXd::Constant(1, -3.0), Eigen::VectorXd());
  EXPECT_EQ(system.values[0], -3.0);
  EXPECT_EQ(std::fabs(system.vectors(0, 0)), 1.0);
}

}  // namespace
}  // namespace anisograd
