#include "analysis/smoothness.h"

#include "Eigen/Core"
#include "analysis/gradient_noise.h"
#include "analysis/gram.h"
#include "analysis/least_diagonal.h"
#include "analysis/top_eigenvalue.h"

namespace anisograd {
namespace {

constexpr double kLeastGap = 1e-6;
constexpr double kEigenvalueTolerance = 1e-12;

}  // namespace

ConstantsResult ComputeConstants(const LogisticProblem& problem) {
  ConstantsResult result;
  result.set_bias_feature(problem.bias_feature());
  const Gram gram(problem.view());
  result.set_smoothness_l1(gram.Trace());
  const LeastDiagonal least = ComputeLeastDiagonal(gram);
  result.set_smoothness_l1_valid(least.sum);
  result.set_smoothness_l1_valid_is_least(least.gap() <= kLeastGap);

  const TopEigenvalue top = ComputeTopEigenvalue(
      gram, Eigen::VectorXd::Ones(gram.dimension()), kEigenvalueTolerance);
  result.set_smoothness_linf(top.lower);
  result.set_eigenvalue_residual(
      top.lower > 0.0 ? top.upper / top.lower - 1.0 : 0.0);
  result.set_power_iterations(top.products);
  const GradientNoise noise = ComputeUniversalNoise(problem).least;
  result.set_noise_l1(noise.l1());
  result.set_noise_l2(noise.l2());
  return result;
}

}  // namespace anisograd
