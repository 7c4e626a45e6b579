#ifndef ANALYSIS_EXPECTED_SMOOTHNESS_H_
#define ANALYSIS_EXPECTED_SMOOTHNESS_H_

#include "Eigen/Core"
#include "data/csr.h"

namespace anisograd {

// Assumption E.4: an L* with
//
//   (1/2) E |g(w) - g(w*)|^2_{1/L*} <= f(w) - f(w*),
//
// g the gradient of one sample. By (*) of gradient_noise.h
//
//   E |g(w) - g(w*)|^2_{1/L*} = (1/n) sum_i (s_i - s_i*)^2 sum_j x_ij^2 / L*_j
//                            <= (f(w) - f(w*)) / 2 max_i sum_j x_ij^2 / L*_j,
//
// so every L* with sum_j x_ij^2 / L*_j <= 4 for all rows i will do; with equal
// entries max_i |x_i|_2^2 / 4, the constant of SGD. The least |L*|_1 among these
// is, by Lagrange, with weights p_i >= 0 of sum 1 and q_j = sum_i p_i x_ij^2,
//
//   (1/4) max_p (sum_j sqrt(q_j))^2,   at L*_j proportional to sqrt(q_j).
//
// Any p gives a lower bound, S^2 / 4 with S = sum_j sqrt(q_j), and, with G_i =
// sum_j x_ij^2 / sqrt(q_j), the feasible L*_j = sqrt(q_j) max_i G_i / 4 of sum
// S max_i G_i / 4. The multiplicative rule p_i <- p_i G_i / S keeps the sum and
// climbs. Least for this sufficient condition: a smaller L* may satisfy E.4.
// A mini-batch of M has the same L* and more.
struct ExpectedSmoothness {
  Eigen::VectorXd diagonal;  // L*
  double sum = 0.0;
  double lower_bound = 0.0;
  // max_i |x_i|_2^2 / 4.
  double isotropic = 0.0;
  int iterations = 0;

  double gap() const { return sum > 0.0 ? sum / lower_bound - 1.0 : 0.0; }
};

// Until gap() <= `gap` or after `max_iterations`; O(non-zeros) an iteration.
ExpectedSmoothness ComputeExpectedSmoothness(const CsrView& view,
                                             double gap = 1e-2,
                                             int max_iterations = 200);

}  // namespace anisograd

#endif  // ANALYSIS_EXPECTED_SMOOTHNESS_H_
