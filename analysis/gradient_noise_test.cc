#include "analysis/gradient_noise.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "data/synthetic.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

double Sigma(double z) { return 1 / (1 + std::exp(-z)); }

CsrMatrix OneFeature(std::vector<double> x, std::vector<int8_t> y) {
  CsrMatrix m;
  m.features = 1;
  m.row_start = {0};
  for (size_t i = 0; i < x.size(); ++i) {
    m.row_start.push_back(static_cast<uint32_t>(i + 1));
    m.index.push_back(0);
  }
  m.value = std::move(x);
  m.label = std::move(y);
  return m;
}

// Rows x = 1 and x = 4 of label 1: gradients -sigma(-w), -4 sigma(-4 w).
TEST(NoiseAt, ByHand) {
  const CsrMatrix m = OneFeature({1, 4}, {1, 1});
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  EXPECT_NEAR(NoiseAt(problem, {0.0}).sigma[0], 0.75, 1e-15);
  const double a = Sigma(0.5), b = 4 * Sigma(2);
  EXPECT_NEAR(NoiseAt(problem, {-0.5}).sigma[0], (b - a) / 2, 1e-14);
}

// Why the value at 0 is no constant of Assumption 3.5, and the bounds are.
TEST(UniversalNoise, TheValueAtZeroIsNoBound) {
  const CsrMatrix m = OneFeature({1, 4}, {1, 1});
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  const UniversalNoise bound = ComputeUniversalNoise(problem);
  // H = 17 / 2. The worst s is (0, 1): 8 - 4 = 4, as t = 2 shows.
  EXPECT_NEAR(bound.root_of_diagonal.sigma[0], std::sqrt(8.5), 1e-15);
  EXPECT_NEAR(bound.least.sigma[0], 2.0, 1e-12);
  const double at_zero = NoiseAt(problem, {0.0}).sigma[0];
  double most = 0;
  for (double w = -8; w <= 8; w += 0.125) {
    most = std::fmax(most, NoiseAt(problem, {w}).sigma[0]);
  }
  EXPECT_GT(most, 2 * at_zero);
  EXPECT_LE(most, bound.least.sigma[0]);
}

// An indicator with one label in 3 of 4 rows: a = (1, 1, 1, -1), |a| >= 2 |mean
// a| = 1, so that the bound is the variance of a, 3/4 = 4 sigma(0)^2.
TEST(UniversalNoise, OfAnIndicatorIsTwiceTheValueAtZero) {
  const CsrMatrix m = OneFeature({1, 1, 1, 1}, {1, 1, 1, -1});
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  const double least = ComputeUniversalNoise(problem).least.sigma[0];
  EXPECT_NEAR(least, std::sqrt(0.75), 1e-12);
  EXPECT_NEAR(least, 2 * NoiseAt(problem, {0.0}).sigma[0], 1e-12);
}

class RandomData : public testing::TestWithParam<bool> {};

// sigma_j(w) <= B_j <= sqrt(H_jj) at weights near and far.
TEST_P(RandomData, NoiseNeverExceedsItsBounds) {
  CsrMatrix m = GenerateExponentialTail(60, 8, 0.1, 5);
  if (GetParam()) {
    for (double& x : m.value) x = std::fabs(x);
  }
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), true));
  const UniversalNoise bound = ComputeUniversalNoise(problem);
  RandomStream random(3, RandomPurpose::kTest);
  double closest = 0.0;
  for (int trial = 0; trial < 500; ++trial) {
    std::vector<double> w(problem.dimension());
    const double radius = std::pow(10.0, random.NextUniform(-1, 2));
    for (double& x : w) x = random.NextUniform(-radius, radius);
    const GradientNoise noise = NoiseAt(problem, w);
    for (int j = 0; j < noise.sigma.size(); ++j) {
      EXPECT_LE(noise.sigma[j], bound.least.sigma[j] * (1 + 1e-12));
      closest = std::fmax(closest, noise.sigma[j] / bound.least.sigma[j]);
    }
  }
  // Not by a wide margin; with equal rows all s_i of a label are equal.
  EXPECT_GT(closest, GetParam() ? 0.45 : 0.8);
  for (int j = 0; j < bound.least.sigma.size(); ++j) {
    EXPECT_LE(bound.least.sigma[j],
              bound.root_of_diagonal.sigma[j] * (1 + 1e-12));
  }
}

INSTANTIATE_TEST_SUITE_P(Signs, RandomData, testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "NonNegative" : "Signed";
                         });

// x = 1 with labels 1, 1, 1, -1: sigma(-w) = 1/4, so that w* = log 3 and
// sigma_*^2 = (3 / 16 + 9 / 16) / 4.
TEST(NoiseAtOptimum, ByHandAndFromNearby) {
  const CsrMatrix m = OneFeature({1, 1, 1, 1}, {1, 1, 1, -1});
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  const double truth = std::sqrt(3.0 / 16), best = problem.Loss({std::log(3)});
  const NoiseAtOptimum at =
      ComputeNoiseAtOptimum(problem, {std::log(3)}, 0.0);
  EXPECT_NEAR(at.noise.sigma[0], truth, 1e-15);
  EXPECT_EQ(at.l1_error, 0.0);
  for (const double w : {0.5, 1.0, 1.2, 2.0}) {
    const NoiseAtOptimum near =
        ComputeNoiseAtOptimum(problem, {w}, problem.Loss({w}) - best);
    EXPECT_GT(near.l1_error, 0.0);
    EXPECT_LE(std::fabs(near.noise.sigma[0] - truth), near.error[0]);
    EXPECT_LE(std::fabs(near.noise.l1() - truth), near.l1_error);
    EXPECT_LE(std::fabs(near.noise.l2() - truth), near.l2_error);
  }
}

}  // namespace
}  // namespace anisograd
