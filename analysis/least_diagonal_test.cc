#include "analysis/least_diagonal.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "data/synthetic.h"
#include "gtest/gtest.h"
#include "tools/base/eigenvalues.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// The least eigenvalue of diag(L) - H.
double Slack(const Gram& gram, const Eigen::VectorXd& diagonal) {
  const Eigen::MatrixXd rest =
      Eigen::MatrixXd(diagonal.asDiagonal()) - gram.Dense();
  return SymmetricEigenvalues(rest).minCoeff();
}

CsrMatrix Dense(int64_t rows, int64_t features,
                const std::vector<double>& values) {
  CsrMatrix m;
  m.features = features;
  m.row_start = {0};
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < features; ++j) {
      if (values[i * features + j] == 0.0) continue;
      m.index.push_back(static_cast<uint32_t>(j));
      m.value.push_back(values[i * features + j]);
    }
    m.row_start.push_back(static_cast<uint32_t>(m.index.size()));
    m.label.push_back(i % 2 == 0 ? 1 : -1);
  }
  return m;
}

// X = [1 1; 1 0]: H = [1 1/2; 1/2 1/2], H1 = (3/2, 1).
TEST(LeastDiagonal, NonNegativeDataHaveAClosedForm) {
  const CsrMatrix m = Dense(2, 2, {1, 1, 1, 0});
  const Gram gram(m.view());
  const LeastDiagonal least = ComputeLeastDiagonal(gram);
  EXPECT_TRUE(least.closed_form);
  EXPECT_EQ(least.diagonal, Eigen::Vector2d(1.5, 1.0));
  EXPECT_EQ(least.sum, 2.5);
  EXPECT_EQ(least.lower_bound, 2.5);
  // Valid, and on the edge of it: (1, 1) is a null vector of the Laplacian.
  EXPECT_NEAR(Slack(gram, least.diagonal), 0.0, 1e-15);
  EXPECT_LT(Slack(gram, Eigen::Vector2d(1.5, 1.0 - 1e-6)), -1e-8);
  // No L with the paper's |L|_1 = tr H is: its entries are H's own at least.
  EXPECT_LT(Slack(gram, Eigen::Vector2d(1.0, 0.5)), -0.4);
}

// X = [1 1; 1 -1; 1 1]: H = [1 1/3; 1/3 1], both entries non-negative though X
// is not. With two features the value is H_11 + H_22 + 2 |H_12|.
TEST(LeastDiagonal, TwoSignedFeatures) {
  const CsrMatrix m = Dense(3, 2, {1, 1, 1, -1, 1, 1});
  const LeastDiagonal least = ComputeLeastDiagonal(Gram(m.view()));
  EXPECT_FALSE(least.closed_form);
  EXPECT_NEAR(least.sum, 8.0 / 3, 1e-7);
  EXPECT_NEAR(least.diagonal[0], 4.0 / 3, 1e-7);
  EXPECT_LE(least.gap(), 1e-7);
}

// The triangle with all products negative, rows e_j - e_k: H is the triangle's
// Laplacian over 3. MAXCUT's relaxation has vectors at 120 degrees, value 9 / 4
// times 4 / 3 = 3, and L = (1, 1, 1), where row sums of |H| give 4.
TEST(LeastDiagonal, IsBelowRowSumsForATriangle) {
  const CsrMatrix m = Dense(3, 3, {1, -1, 0, 1, 0, -1, 0, 1, -1});
  const Gram gram(m.view());
  const LeastDiagonal least = ComputeLeastDiagonal(gram);
  EXPECT_NEAR(least.sum, 3.0, 3e-7);
  EXPECT_NEAR(least.lower_bound, 3.0, 3e-7);
  EXPECT_NEAR(gram.Dense().cwiseAbs().sum(), 4.0, 1e-12);
  EXPECT_GE(Slack(gram, least.diagonal), -1e-12);
}

// Two ways to one number: the closed form, and vectors that find it.
TEST(LeastDiagonal, MixingAgreesWithTheClosedForm) {
  CsrMatrix m = GenerateExponentialTail(200, 30, 0.1, 5);
  for (double& x : m.value) x = std::fabs(x);
  const Gram gram(m.view());
  LeastDiagonalOptions options;
  options.always_mix = true;
  const LeastDiagonal mixed = ComputeLeastDiagonal(gram, options);
  EXPECT_NEAR(mixed.sum / ComputeLeastDiagonal(gram).sum, 1.0, 2e-7);
  EXPECT_LE(mixed.gap(), 1e-7);
}

TEST(LeastDiagonal, FeasibleWhereItStopsEarlyAndTheGapSaysSo) {
  const CsrMatrix m = GenerateExponentialTail(200, 30, 0.01, 5);
  const Gram gram(m.view());
  LeastDiagonalOptions options;
  options.budget = 0.0;
  const LeastDiagonal early = ComputeLeastDiagonal(gram, options);
  const LeastDiagonal best = ComputeLeastDiagonal(gram);
  EXPECT_EQ(early.sweeps, 8);
  EXPECT_GE(Slack(gram, early.diagonal), -1e-12);
  EXPECT_GT(early.gap(), best.gap());
  EXPECT_GE(early.sum, best.lower_bound);
  EXPECT_LE(early.lower_bound, best.sum);
}

// Weighted rows: the Hessian of f at some w. Columns of zeros get 0.
TEST(LeastDiagonal, WeightsAndEmptyColumns) {
  const CsrMatrix m = Dense(2, 3, {1, 0, -1, 0, 0, 2});
  const Gram gram(m.view(), {0.5, 0.0});
  const LeastDiagonal least = ComputeLeastDiagonal(gram);
  EXPECT_NEAR(least.diagonal[0], 0.5, 1e-7);
  EXPECT_EQ(least.diagonal[1], 0.0);
  EXPECT_NEAR(least.sum, 1.0, 1e-7);
}

// Three rows in 3000 features, most of them zero: the value is that of H without
// those, here a rank-one block a row, 1/3 (|1| + |-2|)^2 and so on.
TEST(LeastDiagonal, FewRowsOfManyFeatures) {
  CsrMatrix m;
  m.features = 3000;
  m.row_start = {0, 2, 4, 6};
  m.index = {0, 1, 100, 200, 2000, 2999};
  m.value = {1, -2, -1, -1, 3, 1};
  m.label = {1, -1, 1};
  const LeastDiagonal least = ComputeLeastDiagonal(Gram(m.view()));
  EXPECT_NEAR(least.sum, (9.0 + 4.0 + 16.0) / 3, 1e-6);
  EXPECT_LE(least.gap(), 1e-6);
}

TEST(LeastDiagonal, WhatIsNoNumberIsNotTheLeast) {
  LeastDiagonal least;
  EXPECT_EQ(least.gap(), 0.0);
  for (const double sum : {std::nan(""), HUGE_VAL}) {
    least.sum = sum;
    EXPECT_EQ(least.gap(), HUGE_VAL);
  }
}

// As tools/golden/least_diagonal.py has it.
CsrMatrix MakeGoldenMatrix(int64_t d, double tau) {
  std::vector<double> values(2 * d * d);
  for (int64_t i = 0; i < 2 * d; ++i) {
    for (int64_t j = 0; j < d; ++j) {
      if ((7 * i + 3 * j) % 5 >= 2 && i != j) continue;
      values[i * d + j] =
          std::sin(0.37 * (i + 1) * (j + 1) + 0.11 * (i + 1) * (i + 1)) *
          std::exp(-tau * j);
    }
  }
  return Dense(2 * d, d, values);
}

TEST(LeastDiagonal, AgreesWithASemidefiniteSolver) {
  ASSERT_OK_AND_ASSIGN(const std::string golden,
                       ReadFile("analysis/least_diagonal_golden.txt"));
  std::istringstream lines(golden);
  int64_t d, instances = 0;
  double tau, value;
  while (lines >> d >> tau >> value) {
    ++instances;
    const CsrMatrix m = MakeGoldenMatrix(d, tau);
    const Gram gram(m.view());
    const LeastDiagonal least = ComputeLeastDiagonal(gram);
    EXPECT_NEAR(least.sum / value, 1.0, 2e-7) << d;
    EXPECT_LE(least.gap(), 1e-7) << d;
    EXPECT_LE(least.lower_bound, value * (1 + 1e-8)) << d;
    EXPECT_GE(Slack(gram, least.diagonal), -1e-12) << d;
    RecordProperty("sweeps_" + std::to_string(d), least.sweeps);
  }
  EXPECT_EQ(instances, 5);
}

}  // namespace
}  // namespace anisograd
