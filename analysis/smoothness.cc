#include "analysis/smoothness.h"

#include <vector>

#include "Eigen/Core"
#include "analysis/gradient_noise.h"
#include "analysis/gram.h"
#include "analysis/least_diagonal.h"

namespace anisograd {
namespace {

using Eigen::VectorXd;

constexpr double kResidual = 1e-6;
constexpr int kMostIterations = 100000;
constexpr double kLeastGap = 1e-6;

}  // namespace

ConstantsResult ComputeConstants(const LogisticProblem& problem) {
  ConstantsResult result;
  result.set_bias_feature(problem.bias_feature());
  const Gram gram(problem.view());
  result.set_smoothness_l1(gram.Trace());
  const LeastDiagonal least = ComputeLeastDiagonal(gram);
  result.set_smoothness_l1_valid(least.sum);
  result.set_smoothness_l1_valid_is_least(least.gap() <= kLeastGap);

  VectorXd v = VectorXd::Ones(gram.dimension()).normalized();
  double lambda = 0.0, residual = 1.0;
  int iterations = 0;
  while (residual > kResidual && iterations < kMostIterations) {
    const VectorXd image = gram.Apply(v);
    ++iterations;
    lambda = v.dot(image);
    if (!(lambda > 0.0)) break;  // all values are zero
    residual = (image - lambda * v).norm() / lambda;
    v = image.normalized();
  }
  result.set_smoothness_linf(lambda);
  result.set_eigenvalue_residual(residual);
  result.set_power_iterations(iterations);
  const GradientNoise noise =
      NoiseAt(problem, std::vector<double>(problem.dimension()));
  result.set_noise_l1(noise.l1());
  result.set_noise_l2(noise.l2());
  return result;
}

}  // namespace anisograd
