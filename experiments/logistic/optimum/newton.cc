#include "experiments/logistic/optimum/newton.h"

#include <utility>

#include "Eigen/Cholesky"
#include "Eigen/Core"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "experiments/logistic/optimum/column_scales.h"
#include "experiments/logistic/optimum/scaled_hessian.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

absl::StatusOr<Minimum> MinimizeWithNewton(const LogisticProblem& problem,
                                           const NewtonOptimum& options) {
  const int64_t d = problem.dimension();
  if (d > kMostDenseDimensions) {
    return absl::InvalidArgumentError(
        absl::StrCat("newton: ", d, " dimensions are too many for a dense "
                     "Hessian (at most ", kMostDenseDimensions, "); use lbfgs"));
  }
  const Eigen::VectorXd inverse_scale = InverseColumnScales(problem.view());
  const double separated = LossThatSeparates(problem);
  Minimum minimum;
  minimum.weights.assign(d, 0.0);
  Eigen::VectorXd gradient(d);
  double loss;
  const auto evaluate = [&] {
    loss = problem.LossAndGradient(minimum.weights,
                                   absl::MakeSpan(gradient.data(), d));
    gradient = gradient.cwiseProduct(inverse_scale);
  };
  evaluate();
  while (gradient.norm() > options.gradient_tolerance() && loss >= separated &&
         minimum.iterations < options.max_iterations()) {
    ++minimum.iterations;
    Eigen::MatrixXd hessian =
        ScaledHessian(problem, minimum.weights, inverse_scale);
    hessian.diagonal().array() += 1e-13 * hessian.diagonal().mean();
    Eigen::VectorXd direction =
        hessian.selfadjointView<Eigen::Lower>().ldlt().solve(-gradient);
    const double slope = direction.dot(gradient);
    direction = direction.cwiseProduct(inverse_scale);
    // The loss has 1e-16 of noise; a step is refused only for more than that.
    constexpr double kNoise = 1e-15;
    constexpr double kSmallestStep = 1e-10;
    std::vector<double> trial(d);
    double step = 1.0;
    for (; step > kSmallestStep; step *= 0.5) {
      for (int64_t j = 0; j < d; ++j) {
        trial[j] = MulAdd(step, direction[j], minimum.weights[j]);
      }
      if (problem.Loss(trial) <= loss + 1e-4 * step * slope + kNoise) break;
    }
    if (!(step > kSmallestStep)) break;
    minimum.weights = std::move(trial);
    evaluate();
  }
  return minimum;
}

double LossThatSeparates(const LogisticProblem& problem) {
  return 0.69314718055994531 / static_cast<double>(problem.rows());
}

}  // namespace anisograd
