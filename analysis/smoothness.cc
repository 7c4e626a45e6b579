#include "analysis/smoothness.h"

#include <cmath>
#include <cstdint>

#include "Eigen/Core"
#include "tools/base/scalar_math.h"

namespace anisograd {
namespace {

using Eigen::VectorXd;

constexpr double kResidual = 1e-6;
constexpr int kMostIterations = 100000;

// H v = X'(X v) / n.
VectorXd ApplyHessian(const CsrView& view, const VectorXd& v) {
  VectorXd out = VectorXd::Zero(view.features);
  for (int64_t i = 0; i < view.rows; ++i) {
    double dot = 0.0;
    for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
      dot = MulAdd(view.value[k], v[view.index[k]], dot);
    }
    for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
      double& sum = out[view.index[k]];
      sum = MulAdd(view.value[k], dot, sum);
    }
  }
  return out / static_cast<double>(view.rows);
}

void ComputeNoise(const CsrView& view, ConstantsResult* result) {
  // At w = 0 a sample's gradient is -y x / 2.
  VectorXd mean = VectorXd::Zero(view.features);
  VectorXd square = VectorXd::Zero(view.features);
  for (int64_t i = 0; i < view.rows; ++i) {
    for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
      const double g = -0.5 * view.label[i] * view.value[k];
      mean[view.index[k]] += g;
      square[view.index[k]] += g * g;
    }
  }
  const double n = static_cast<double>(view.rows);
  double l1 = 0.0, squares = 0.0;
  for (int64_t j = 0; j < view.features; ++j) {
    const double variance =
        std::fmax(0.0, square[j] / n - (mean[j] / n) * (mean[j] / n));
    l1 += std::sqrt(variance);
    squares += variance;
  }
  result->set_noise_l1(l1);
  result->set_noise_l2(std::sqrt(squares));
}

}  // namespace

ConstantsResult ComputeConstants(const LogisticProblem& problem) {
  const CsrView& view = problem.view();
  ConstantsResult result;
  result.set_bias_feature(problem.bias_feature());
  double trace = 0.0;
  for (const double x : view.value) trace = MulAdd(x, x, trace);
  result.set_smoothness_l1(trace / static_cast<double>(view.rows));

  VectorXd v = VectorXd::Ones(view.features).normalized();
  double lambda = 0.0, residual = 1.0;
  int iterations = 0;
  while (residual > kResidual && iterations < kMostIterations) {
    const VectorXd image = ApplyHessian(view, v);
    ++iterations;
    lambda = v.dot(image);
    if (!(lambda > 0.0)) break;  // all values are zero
    residual = (image - lambda * v).norm() / lambda;
    v = image.normalized();
  }
  result.set_smoothness_linf(lambda);
  result.set_eigenvalue_residual(residual);
  result.set_power_iterations(iterations);
  ComputeNoise(view, &result);
  return result;
}

}  // namespace anisograd
