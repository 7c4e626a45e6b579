#include "analysis/smoothness.h"

#include <cmath>

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
  EXPECT_NEAR(c.smoothness_l1_valid(), 2.0, 1e-15);
  EXPECT_TRUE(c.smoothness_l1_valid_is_least());
  // Twice the noise at 0, where gradients are (-1, 0), (0, -1/2), (0, 1/2) and
  // variances 2/9 and 1/6 (gradient_noise.h).
  EXPECT_NEAR(c.noise_l1(), 2 * (std::sqrt(2.0 / 9) + std::sqrt(1.0 / 6)), 1e-9);
  EXPECT_NEAR(c.noise_l2(), 2 * std::sqrt(2.0 / 9 + 1.0 / 6), 1e-9);
}

// H = [4 -4 0; -4 4 0; 0 0 1], of eigenvalues 8, 1 and 0: the vector of ones has no
// part of the first, and H takes it to the second's.
TEST(ComputeConstants, LargestEigenvalueThatTheOnesHaveNoPartOf) {
  CsrMatrix m;
  m.features = 2;
  m.row_start = {0, 2, 4};
  m.index = {0, 1, 0, 1};
  m.value = {2, -2, -2, 2};
  m.label = {1, -1};
  for (const bool bias : {false, true}) {
    ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                         LogisticProblem::Create(m.view(), bias));
    EXPECT_NEAR(ComputeConstants(problem).smoothness_linf(), 8.0, 1e-9);
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
