#include "analysis/smoothness.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

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

using Matrix = std::vector<std::vector<double>>;

// H = X'X / n.
Matrix Hessian(const CsrView& view) {
  Matrix h(view.features, std::vector<double>(view.features));
  for (int64_t i = 0; i < view.rows; ++i) {
    for (auto j = view.row_start[i]; j < view.row_start[i + 1]; ++j) {
      for (auto k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
        h[view.index[j]][view.index[k]] +=
            view.value[j] * view.value[k] / static_cast<double>(view.rows);
      }
    }
  }
  return h;
}

// Whether H <= diag(L), up to 1e-12: the pivots of diag(L) - H by elimination.
bool Allows(Matrix h, const std::vector<double>& l) {
  const size_t d = h.size();
  for (size_t j = 0; j < d; ++j) {
    for (size_t k = 0; k < d; ++k) {
      h[j][k] = (j == k ? l[j] + 1e-12 : 0.0) - h[j][k];
    }
  }
  for (size_t p = 0; p < d; ++p) {
    if (!(h[p][p] > 0.0)) return false;
    for (size_t j = p + 1; j < d; ++j) {
      for (size_t k = p + 1; k < d; ++k) {
        h[j][k] -= h[j][p] * h[p][k] / h[p][p];
      }
    }
  }
  return true;
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
  const Matrix h = Hessian(m.view());
  // Valid, and on the edge of it: (1, 1) is a null vector of the Laplacian.
  EXPECT_TRUE(Allows(h, {1.5, 1.0}));
  EXPECT_FALSE(Allows(h, {1.5, 1.0 - 1e-6}));
  // No L of the paper's |L|_1 = tr H is: its entries must be H's own at least.
  EXPECT_FALSE(Allows(h, {1.0, 0.5}));
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
  EXPECT_TRUE(Allows(Hessian(m.view()), l));
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
    const Matrix h = Hessian(m.view());
    EXPECT_TRUE(Allows(h, l));
    for (size_t j = 0; j < l.size(); ++j) {
      double sum = 0.0;
      for (const double x : h[j]) sum += std::fabs(x);
      EXPECT_NEAR(l[j], sum, 1e-13);
    }
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
