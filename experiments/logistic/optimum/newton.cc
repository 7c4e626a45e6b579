#include "experiments/logistic/optimum/newton.h"

#include <cmath>
#include <utility>

#include "Eigen/Cholesky"
#include "Eigen/Core"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "experiments/logistic/problem/loss_sum.h"
#include "tools/base/scalar_math.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

constexpr int64_t kMostDimensions = 4096;

// (1/n) sum_i sigma(z_i) sigma(-z_i) x_i x_i', lower triangle.
Eigen::MatrixXd Hessian(const LogisticProblem& problem,
                        absl::Span<const double> weights) {
  const CsrView& view = problem.view();
  Eigen::MatrixXd hessian =
      Eigen::MatrixXd::Zero(problem.dimension(), problem.dimension());
  for (int64_t i = 0; i < view.rows; ++i) {
    const uint32_t begin = view.row_start[i];
    const uint32_t end = view.row_start[i + 1];
    double z = 0.0;
    for (uint32_t k = begin; k < end; ++k) {
      z = MulAdd(view.value[k], weights[view.index[k]], z);
    }
    const double e = ExpNonPositive(-Abs(z));
    const double curvature = e / ((1.0 + e) * (1.0 + e));
    // Indices increase, so (k, l) with l <= k is in the lower triangle.
    for (uint32_t k = begin; k < end; ++k) {
      for (uint32_t l = begin; l <= k; ++l) {
        hessian(view.index[k], view.index[l]) +=
            curvature * view.value[k] * view.value[l];
      }
    }
  }
  return hessian / static_cast<double>(view.rows);
}

}  // namespace

absl::StatusOr<Minimum> MinimizeWithNewton(const LogisticProblem& problem,
                                           const NewtonOptimum& options) {
  const int64_t d = problem.dimension();
  if (d > kMostDimensions) {
    return absl::InvalidArgumentError(
        absl::StrCat("newton: ", d, " dimensions are too many for a dense "
                     "Hessian (at most ", kMostDimensions, "); use lbfgs"));
  }
  Minimum minimum;
  minimum.weights.assign(d, 0.0);
  Eigen::VectorXd gradient(d);
  const auto gradient_span = absl::MakeSpan(gradient.data(), d);
  minimum.loss = problem.LossAndGradient(minimum.weights, gradient_span);
  minimum.gradient_norm = gradient.norm();
  while (minimum.gradient_norm > options.gradient_tolerance() &&
         minimum.iterations < options.max_iterations()) {
    ++minimum.iterations;
    Eigen::MatrixXd hessian = Hessian(problem, minimum.weights);
    hessian.diagonal().array() += 1e-13 * hessian.diagonal().mean();
    const Eigen::VectorXd direction =
        hessian.selfadjointView<Eigen::Lower>().ldlt().solve(-gradient);
    const double slope = direction.dot(gradient);
    // The loss has 1e-16 of noise; a step is refused only for more than that.
    constexpr double kNoise = 1e-15;
    constexpr double kSmallestStep = 1e-10;
    std::vector<double> trial(d);
    double step = 1.0;
    for (; step > kSmallestStep; step *= 0.5) {
      for (int64_t j = 0; j < d; ++j) {
        trial[j] = MulAdd(step, direction[j], minimum.weights[j]);
      }
      const double loss = problem.Loss(trial);
      if (loss <= minimum.loss + 1e-4 * step * slope + kNoise) break;
    }
    if (!(step > kSmallestStep)) break;
    minimum.weights = std::move(trial);
    minimum.loss = problem.LossAndGradient(minimum.weights, gradient_span);
    minimum.gradient_norm = gradient.norm();
  }
  return minimum;
}

}  // namespace anisograd
