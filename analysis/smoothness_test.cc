#include "analysis/smoothness.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "Eigen/Core"
#include "Eigen/Eigenvalues"
#include "data/csr.h"
#include "data/synthetic.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// X = [2 0; 0 1; 0 1]: H = diag(4, 2) / 3.
TEST(ComputeConstants, DiagonalHessian) {
  CsrMatrix m;
  m.features = 2;
  m.row_start = {0, 1, 2, 3};
  m.index = {0, 1, 1};
  m.value = {2, 1, 1};
  m.label = {1, 1, -1};
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  const ConstantsResult c = ComputeConstants(problem);
  EXPECT_NEAR(c.smoothness_l1(), 2.0, 1e-15);
  EXPECT_NEAR(c.smoothness_linf(), 4.0 / 3, 1e-9);
  EXPECT_LE(c.eigenvalue_residual(), 1e-6);
  // Gradients at 0: (-1, 0), (0, -1/2), (0, 1/2); variances 2/9 and 1/6.
  EXPECT_NEAR(c.noise_l1(), std::sqrt(2.0 / 9) + std::sqrt(1.0 / 6), 1e-15);
  EXPECT_NEAR(c.noise_l2(), std::sqrt(2.0 / 9 + 1.0 / 6), 1e-15);
}

// H as a dense matrix.
Eigen::MatrixXd Hessian(const CsrView& view) {
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(view.rows, view.features);
  for (int64_t i = 0; i < view.rows; ++i) {
    for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
      x(i, view.index[k]) = view.value[k];
    }
  }
  return x.transpose() * x / static_cast<double>(view.rows);
}

// The least eigenvalue of diag(L) - H: not negative where Assumption 3.3 holds.
double Slack(const Eigen::MatrixXd& h, const Eigen::VectorXd& l) {
  const Eigen::MatrixXd difference = Eigen::MatrixXd(l.asDiagonal()) - h;
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(difference)
      .eigenvalues()
      .minCoeff();
}

// X = [1 1; 1 0]: H = [1 1/2; 1/2 1/2], H1 = (3/2, 1).
TEST(ValidSmoothness, IsTheLeastForNonNegativeData) {
  CsrMatrix m;
  m.features = 2;
  m.row_start = {0, 2, 3};
  m.index = {0, 1, 0};
  m.value = {1, 1, 1};
  m.label = {1, -1};
  EXPECT_EQ(ValidSmoothness(m.view()), (std::vector<double>{1.5, 1.0}));
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  const ConstantsResult c = ComputeConstants(problem);
  EXPECT_EQ(c.smoothness_l1_valid(), 2.5);
  EXPECT_TRUE(c.smoothness_l1_valid_is_least());
  EXPECT_EQ(c.smoothness_l1(), 1.5);
  const Eigen::MatrixXd h = Hessian(m.view());
  // Valid, and on the edge of it: (1, 1) is a null vector of the Laplacian.
  EXPECT_NEAR(Slack(h, Eigen::Vector2d(1.5, 1.0)), 0.0, 1e-15);
  EXPECT_LT(Slack(h, Eigen::Vector2d(1.5, 1.0 - 1e-6)), -1e-8);
  // No L of the paper's |L|_1 = tr H is: its entries must be H's own.
  EXPECT_LT(Slack(h, h.diagonal()), -0.1);
}

// X = [1 1; 1 -1; 1 1]: H = [1 1/3; 1/3 1]; sums of absolute values, not of
// products of absolute values, which would give (2, 2).
TEST(ValidSmoothness, HoldsForSignedData) {
  CsrMatrix m;
  m.features = 2;
  m.row_start = {0, 2, 4, 6};
  m.index = {0, 1, 0, 1, 0, 1};
  m.value = {1, 1, 1, -1, 1, 1};
  m.label = {1, -1, 1};
  const std::vector<double> l = ValidSmoothness(m.view());
  EXPECT_NEAR(l[0], 4.0 / 3, 1e-15);
  EXPECT_NEAR(l[1], 4.0 / 3, 1e-15);
  EXPECT_GE(Slack(Hessian(m.view()), Eigen::Vector2d(l[0], l[1])), -1e-15);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  EXPECT_FALSE(ComputeConstants(problem).smoothness_l1_valid_is_least());
}

TEST(ValidSmoothness, HoldsForRandomData) {
  for (const bool with_signs : {false, true}) {
    CsrMatrix m = GenerateExponentialTail(200, 12, 0.2, 5);
    for (size_t k = 0; k < m.value.size(); ++k) {
      m.value[k] = std::fabs(m.value[k]) * (with_signs && k % 3 == 0 ? -1 : 1);
    }
    const std::vector<double> l = ValidSmoothness(m.view());
    const Eigen::Map<const Eigen::VectorXd> map(l.data(), l.size());
    EXPECT_GE(Slack(Hessian(m.view()), map), -1e-14);
    const Eigen::VectorXd expected =
        Hessian(m.view()).cwiseAbs().rowwise().sum();
    EXPECT_LT((map - expected).norm(), 1e-13);
  }
}

// Unit-norm rows with the bias feature have tr H = 2.
TEST(ComputeConstants, UnitRowsWithBiasHaveTraceTwo) {
  DatasetSpec spec;
  spec.set_rows(300);
  spec.set_features(500);
  spec.set_mean_nonzeros(20);
  spec.mutable_synthetic()->set_power_law_exponent(1);
  spec.mutable_synthetic()->set_values(SyntheticSpec::UNIT_NORM);
  const CsrMatrix m = GenerateStandIn(spec);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), true));
  const ConstantsResult c = ComputeConstants(problem);
  EXPECT_NEAR(c.smoothness_l1(), 2.0, 1e-12);
  EXPECT_GE(c.smoothness_linf(), 1.0);
  EXPECT_LE(c.smoothness_linf(), 2.0);
}

// Assumption B.2 with tau: the trace is the geometric sum of exp(-tau j).
TEST(ComputeConstants, ExponentialTail) {
  const double tau = 0.5;
  const CsrMatrix m = GenerateExponentialTail(2000, 30, tau, 3);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  const ConstantsResult c = ComputeConstants(problem);
  const double r = std::exp(-tau);
  EXPECT_NEAR(c.smoothness_l1(), r * (1 - std::pow(r, 30)) / (1 - r), 1e-9);
  EXPECT_GE(c.smoothness_linf(), r * (1 - 1e-9));
  EXPECT_LT(c.smoothness_linf(), 1.2 * r);
}

}  // namespace
}  // namespace anisograd
