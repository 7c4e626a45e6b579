#include "experiments/logistic/optimum/scaled_hessian.h"

#include <vector>

#include "tools/base/scalar_math.h"
#include "tools/base/vector_math.h"

namespace anisograd {

Eigen::MatrixXd ScaledHessian(const LogisticProblem& problem,
                              absl::Span<const double> weights,
                              const Eigen::VectorXd& inverse_scale) {
  const CsrView& view = problem.view();
  Eigen::MatrixXd hessian =
      Eigen::MatrixXd::Zero(problem.dimension(), problem.dimension());
  std::vector<double> x(problem.dimension());
  for (int64_t i = 0; i < view.rows; ++i) {
    const uint32_t begin = view.row_start[i];
    const uint32_t count = view.row_start[i + 1] - begin;
    const uint32_t* index = view.index.data() + begin;
    double z = 0.0;
    for (uint32_t k = 0; k < count; ++k) {
      const double value = view.value[begin + k];
      z = MulAdd(value, weights[index[k]], z);
      x[k] = value * inverse_scale[index[k]];
    }
    const double e = ExpNonPositive(-Abs(z));
    const double curvature = e / ((1.0 + e) * (1.0 + e));
    // Indices increase, so (k, l) with l <= k is in the lower triangle.
    for (uint32_t k = 0; k < count; ++k) {
      for (uint32_t l = 0; l <= k; ++l) {
        hessian(index[k], index[l]) += curvature * x[k] * x[l];
      }
    }
  }
  return hessian / static_cast<double>(view.rows);
}

}  // namespace anisograd
