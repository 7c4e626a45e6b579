#ifndef ANALYSIS_SPARSITY_H_
#define ANALYSIS_SPARSITY_H_

#include "Eigen/Core"

namespace anisograd {

// The effective sparsity of a vector of d entries,
//
//   |v|_1^2 / (d |v|_2^2),
//
// from 1 / d, where one entry is not zero, to 1, where all are of one size: the
// share of coordinates that v is spread over. Theorem 4.1 gains over SGD where
// noise and curvature have little of it; 0 for v = 0. Its rounding error is below
// 4 d units in the last place.
inline double EffectiveSparsity(const Eigen::VectorXd& v) {
  const double l1 = v.lpNorm<1>(), squares = v.squaredNorm();
  return squares > 0.0 ? l1 * l1 / (static_cast<double>(v.size()) * squares)
                       : 0.0;
}

}  // namespace anisograd

#endif  // ANALYSIS_SPARSITY_H_
