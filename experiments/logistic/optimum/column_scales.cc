#include "experiments/logistic/optimum/column_scales.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace anisograd {

Eigen::VectorXd InverseColumnScales(const CsrView& matrix) {
  using Eigen::VectorXd;
  // Squares of what is divided by the largest neither overflow nor vanish.
  VectorXd largest = VectorXd::Zero(matrix.features);
  for (size_t k = 0; k < matrix.index.size(); ++k) {
    double& most = largest[matrix.index[k]];
    most = std::max(most, std::fabs(matrix.value[k]));
  }
  VectorXd squares = VectorXd::Zero(matrix.features);
  VectorXd count = VectorXd::Zero(matrix.features);
  for (size_t k = 0; k < matrix.index.size(); ++k) {
    if (matrix.value[k] == 0.0) continue;
    const uint32_t j = matrix.index[k];
    const double relative = matrix.value[k] / largest[j];
    squares[j] += relative * relative;
    count[j] += 1.0;
  }
  VectorXd inverse = VectorXd::Ones(matrix.features);
  for (int64_t j = 0; j < matrix.features; ++j) {
    if (count[j] == 0.0) continue;
    // Scale and inverse are normal numbers.
    constexpr int kMostExponent = 1020;
    const int exponent =
        std::ilogb(largest[j] * std::sqrt(squares[j] / count[j]));
    inverse[j] = std::ldexp(
        1.0, -std::clamp(exponent, -kMostExponent, kMostExponent));
  }
  return inverse;
}

}  // namespace anisograd
