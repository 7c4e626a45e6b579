#ifndef ANALYSIS_GRADIENT_NOISE_H_
#define ANALYSIS_GRADIENT_NOISE_H_

#include "Eigen/Core"
#include "absl/types/span.h"
#include "experiments/logistic/problem/problem.h"

namespace anisograd {

// The noise of one sample's gradient g_i(w) = -y_i s_i x_i, s_i = sigma(-y_i
// <x_i, w>) in (0, 1), coordinate by coordinate. What bounds what:
//
//   sigma_j(w)^2 = (1/n) sum_i (s_i x_ij)^2 - (d_j f(w))^2      NoiseAt
//               <= B_j^2                                       UniversalNoise
//               <= H_jj = (1/n) sum_i x_ij^2.
//
// Assumption 3.5 asks for one vector that bounds sigma(w) at every w of W. The
// value at w = 0, where all s_i = 1/2, is none: for the rows x = 1 and x = 4, both
// of label 1, it is 3/4, and 1.45 at w = -1/2.
//
// sqrt(H_jj): s_i <= 1. B_j: with a_i = y_i x_ij, for every t
//
//   sigma_j^2 = min_t (1/n) sum_i ((s_i a_i)^2 - 2 t s_i a_i) + t^2
//            <= (1/n) sum_i max(0, a_i^2 - 2 t a_i) + t^2,
//
// since s_i^2 a_i^2 - 2 t s_i a_i is convex in s_i, so that 0 or 1 is the worst.
// The right side is convex in t; B_j^2 is its minimum, found by bisection, and
// holds at any t. Where |a_i| >= 2 |mean a| for all i it is the variance of a,
// which is 4 sigma_j(0)^2: for indicators that are on in at most half of the rows
// more often with one label, the noise never exceeds twice its value at 0. Costs
// O(non-zeros) a step of bisection, 64 of them.
struct GradientNoise {
  Eigen::VectorXd sigma;
  double l1() const { return sigma.lpNorm<1>(); }
  double l2() const { return sigma.norm(); }
};

// sigma(w), exact up to rounding. O(non-zeros).
GradientNoise NoiseAt(const LogisticProblem& problem,
                      absl::Span<const double> w);

// Bounds at every w.
struct UniversalNoise {
  // sqrt(H_jj), and B_j.
  GradientNoise root_of_diagonal;
  GradientNoise least;
};
UniversalNoise ComputeUniversalNoise(const LogisticProblem& problem);

// Assumption E.3: sigma_{*,j}^2 = (1/n) sum_i (s_i(w*) x_ij)^2 at the minima. It
// is the same at all of them, since f is strictly convex in the margins.
//
// From a w with f(w) - inf f <= gap: the loss of a sample is smooth in its margin
// with 1/4, so that its Bregman distance is at least 2 (s_i - s_i*)^2, and the
// linear terms sum to <grad f(w*), .> = 0:
//
//   (1/n) sum_i (s_i - s_i*)^2 <= gap / 2,                             (*)
//   |sigma_j - sigma_{*,j}| <= sqrt((1/n) sum_i (s_i - s_i*)^2 x_ij^2)
//                           <= max_i |x_ij| sqrt(gap / 2),
//
// and in the Euclidean norm of all coordinates max_i |x_i|_2 sqrt(gap / 2).
struct NoiseAtOptimum {
  GradientNoise noise;
  // How far sigma_j and the norms may be from those of sigma_*.
  Eigen::VectorXd error;
  double l1_error = 0.0;
  double l2_error = 0.0;
};
NoiseAtOptimum ComputeNoiseAtOptimum(const LogisticProblem& problem,
                                     absl::Span<const double> w, double gap);

}  // namespace anisograd

#endif  // ANALYSIS_GRADIENT_NOISE_H_
