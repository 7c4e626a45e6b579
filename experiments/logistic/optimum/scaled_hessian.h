#ifndef EXPERIMENTS_LOGISTIC_OPTIMUM_SCALED_HESSIAN_H_
#define EXPERIMENTS_LOGISTIC_OPTIMUM_SCALED_HESSIAN_H_

#include <cstdint>

#include "Eigen/Core"
#include "absl/types/span.h"
#include "experiments/logistic/problem/problem.h"

namespace anisograd {

// No dense Hessian is made in more dimensions than this.
inline constexpr int64_t kMostDenseDimensions = 4096;

// The lower triangle of f's Hessian at w in the coordinates of
// column_scales.h, D being the diagonal matrix of `inverse_scale`:
//
//   (1/n) sum_i sigma(z_i) sigma(-z_i) (D x_i) (D x_i)',   z_i = <x_i, w>.
//
// Costs sum_i k_i^2 / 2 for rows of k_i non-zeros.
Eigen::MatrixXd ScaledHessian(const LogisticProblem& problem,
                              absl::Span<const double> weights,
                              const Eigen::VectorXd& inverse_scale);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_OPTIMUM_SCALED_HESSIAN_H_
