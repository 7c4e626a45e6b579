#include "analysis/expected_smoothness.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace anisograd {

using Eigen::VectorXd;

ExpectedSmoothness ComputeExpectedSmoothness(const CsrView& view, double gap,
                                             int max_iterations) {
  ExpectedSmoothness best;
  VectorXd p =
      VectorXd::Constant(view.rows, 1.0 / static_cast<double>(view.rows));
  VectorXd root(view.features), inverse(view.features), climb(view.rows);
  for (int iteration = 1; iteration <= max_iterations; ++iteration) {
    root.setZero();
    for (int64_t i = 0; i < view.rows; ++i) {
      for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
        root[view.index[k]] += p[i] * view.value[k] * view.value[k];
      }
    }
    root = root.cwiseSqrt();
    inverse = root.unaryExpr([](double r) { return r > 0.0 ? 1.0 / r : 0.0; });
    double longest = 0.0;
    for (int64_t i = 0; i < view.rows; ++i) {
      double sum = 0.0, squares = 0.0;
      for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
        const double square = view.value[k] * view.value[k];
        sum += square * inverse[view.index[k]];
        squares += square;
      }
      climb[i] = sum;
      longest = std::max(longest, squares);
    }
    const double s = root.sum(), steepest = climb.maxCoeff();
    best.isotropic = longest / 4.0;
    best.iterations = iteration;
    best.lower_bound = std::max(best.lower_bound, s * s / 4.0);
    if (iteration == 1 || s * steepest / 4.0 < best.sum) {
      best.sum = s * steepest / 4.0;
      best.diagonal = root * (steepest / 4.0);
    }
    if (!(s > 0.0) || best.gap() <= gap) break;
    // Not 0 by underflow: a feature of such rows alone would be lost.
    p = (p.cwiseProduct(climb) / s).cwiseMax(1e-150);
  }
  return best;
}

}  // namespace anisograd
