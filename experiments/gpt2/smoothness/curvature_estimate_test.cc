#include "experiments/gpt2/smoothness/curvature_estimate.h"

#include <cmath>
#include <cstdlib>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

constexpr int kDimension = 40;

// A symmetric H with entries of both signs, H_jk in +-1 / (1 + |j - k|), and 8 more
// at H_00; f = w'Hw / 2.
double Entry(int j, int k) {
  const int sign = (j * k + j + k) % 3 == 0 ? -1 : 1;
  return sign / (1.0 + std::abs(j - k)) + (j == 0 && k == 0 ? 8.0 : 0.0);
}

absl::Status Gradient(absl::Span<const float> w, absl::Span<float> g) {
  for (int j = 0; j < kDimension; ++j) {
    double sum = 0;
    for (int k = 0; k < kDimension; ++k) sum += Entry(j, k) * w[k];
    g[j] = static_cast<float>(sum);
  }
  return absl::OkStatus();
}

double SumOfAbsolutes() {
  double sum = 0;
  for (int j = 0; j < kDimension; ++j) {
    for (int k = 0; k < kDimension; ++k) sum += std::fabs(Entry(j, k));
  }
  return sum;
}

TEST(EstimateCurvature, OfAQuadraticWithKnownHessian) {
  const std::vector<float> w(kDimension, 0.25f);
  CurvatureOptions options;
  options.groups = 64;
  options.power_steps = 100;
  ASSERT_OK_AND_ASSIGN(const CurvatureEstimate e,
                       EstimateCurvature(Gradient, w,
                                         std::vector<bool>(kDimension, true),
                                         options));
  EXPECT_NEAR(e.norm_11(), SumOfAbsolutes(), 4 * e.norm_11_error());
  EXPECT_LT(e.norm_11_error(), 0.05 * e.norm_11());
  EXPECT_LT(std::fabs(e.radius_change()), 1e-3);
  // Row sums are within a factor of 5 of each other.
  EXPECT_GT(e.sparsity(), 0.8);
  // The eigenvalue is that of the iteration without differences.
  std::vector<double> v(kDimension, 1.0), image(kDimension);
  double lambda = 0;
  for (int step = 0; step < 500; ++step) {
    double norm = 0;
    for (const double x : v) norm += x * x;
    for (double& x : v) x /= std::sqrt(norm);
    lambda = 0;
    for (int j = 0; j < kDimension; ++j) {
      image[j] = 0;
      for (int k = 0; k < kDimension; ++k) image[j] += Entry(j, k) * v[k];
      lambda += v[j] * image[j];
    }
    v = image;
  }
  EXPECT_LT(e.top_residual(), 1e-3 * std::fabs(lambda));
  EXPECT_NEAR(e.top_eigenvalue(), lambda, 1e-4 * std::fabs(lambda));
}

// H = diag(1, -3): sum 4, and the eigenvalue of largest absolute value is -3.
// Parameters that do not move are no part of H.
TEST(EstimateCurvature, SignsAndParametersThatStay) {
  const auto gradient = [](absl::Span<const float> w, absl::Span<float> g) {
    g[0] = w[0];
    g[1] = -3 * w[1];
    g[2] = 100 * w[2];
    return absl::OkStatus();
  };
  CurvatureOptions options;
  options.groups = 256;
  ASSERT_OK_AND_ASSIGN(
      const CurvatureEstimate e,
      EstimateCurvature(gradient, {1, 1, 1}, {true, true, false}, options));
  EXPECT_NEAR(e.norm_11(), 4.0, 4 * e.norm_11_error());
  EXPECT_NEAR(e.top_eigenvalue(), -3.0, 1e-3);
  EXPECT_NEAR(e.sparsity(), 16.0 / 20, 0.05);
}

TEST(EstimateCurvature, ReturnsTheErrorsOfTheGradient) {
  const auto gradient = [](absl::Span<const float>, absl::Span<float>) {
    return absl::InternalError("no gradient");
  };
  EXPECT_EQ(EstimateCurvature(gradient, {1}, {true}, {}).status().message(),
            "no gradient");
}

}  // namespace
}  // namespace anisograd
