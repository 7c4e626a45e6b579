#include "analysis/smoothness.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

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

bool HasNegative(const CsrView& view) {
  return std::any_of(view.value.begin(), view.value.end(),
                     [](double x) { return x < 0.0; });
}

// sum_k |H_jk| for all j, one row of H at a time.
VectorXd AbsoluteRowSums(const CsrView& view) {
  // The rows of X that feature j is in, and its values there.
  std::vector<std::vector<std::pair<int64_t, double>>> column(view.features);
  for (int64_t i = 0; i < view.rows; ++i) {
    for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
      column[view.index[k]].emplace_back(i, view.value[k]);
    }
  }
  VectorXd sums = VectorXd::Zero(view.features);
  // Row j of n H; 0 but for the features in `touched`.
  VectorXd row = VectorXd::Zero(view.features);
  std::vector<bool> seen(view.features);
  std::vector<uint32_t> touched;
  for (int64_t j = 0; j < view.features; ++j) {
    for (const auto& [i, x] : column[j]) {
      for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
        const uint32_t other = view.index[k];
        if (!seen[other]) {
          seen[other] = true;
          touched.push_back(other);
        }
        row[other] = MulAdd(x, view.value[k], row[other]);
      }
    }
    for (const uint32_t other : touched) {
      sums[j] += std::fabs(row[other]);
      row[other] = 0.0;
      seen[other] = false;
    }
    touched.clear();
  }
  return sums / static_cast<double>(view.rows);
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

std::vector<double> ValidSmoothness(const CsrView& view) {
  const VectorXd sums =
      HasNegative(view)
          ? AbsoluteRowSums(view)
          : ApplyHessian(view, VectorXd::Ones(view.features));
  return {sums.data(), sums.data() + sums.size()};
}

ConstantsResult ComputeConstants(const LogisticProblem& problem) {
  const CsrView& view = problem.view();
  ConstantsResult result;
  result.set_bias_feature(problem.bias_feature());
  double trace = 0.0;
  for (const double x : view.value) trace = MulAdd(x, x, trace);
  result.set_smoothness_l1(trace / static_cast<double>(view.rows));
  double valid = 0.0;
  for (const double l : ValidSmoothness(view)) valid += l;
  result.set_smoothness_l1_valid(valid);
  result.set_smoothness_l1_valid_is_least(!HasNegative(view));

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
