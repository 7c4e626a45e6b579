#ifndef ANALYSIS_THEORY_ADAGRAD_BOUND_H_
#define ANALYSIS_THEORY_ADAGRAD_BOUND_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace anisograd {

// What a theorem says of (1/T) sum_t E[f(w_t) - f(w*)], and so of f at the
// average iterate.
struct ConvexBound {
  // Its terms: of curvature and distance, of noise, of epsilon.
  double bias = 0.0;
  double variance = 0.0;
  double epsilon = 0.0;
  double total() const { return bias + variance + epsilon; }
  // Theorem 4.1 ends by 2ab <= a^2 + b^2 in an inequality A <= a sqrt(A) + b:
  // this is its largest solution, at most total(). The total elsewhere.
  double solved = 0.0;
};

// The largest A with A <= a sqrt(A) + b; a, b >= 0.
double LargestSolution(double a, double b);

// A run of Algorithm 1 whose steps eta_t do not rise.
struct AdaGradRun {
  int64_t steps = 0;  // T > 0
  // sum_t 1 / M_t: T / M where all batches have M samples, drawn independently.
  double inverse_batches = 0.0;
  double first_rate = 0.0;  // eta_0
  double last_rate = 0.0;   // eta_{T-1}
  // Of either convention of optim/adagrad.h.
  double epsilon = 0.0;
  double initial_distance = 0.0;  // |w_0 - w*|_2
};

// Theorem 4.1 with explicit constants, coordinate by coordinate: for
// D_j >= max_t |w_tj - w*_j| and K_j = eta_0 + D_j^2 / (2 eta_{T-1}),
//
//   bias      2 sum_j K_j^2 L_j / T
//   variance  2 sum_j K_j sigma_j sqrt(sum_t 1 / M_t) / T
//   epsilon   (epsilon |w_0 - w*|^2 / eta_0
//              + epsilon (1 / eta_{T-1} - 1 / eta_0) |D|_2^2) / T
//
// With all D_j = D_inf and eta = D_inf / sqrt(2) these are the text's
// 4 |L|_1 D_inf^2 / T and 2 sqrt(2) D_inf |sigma|_1 / sqrt(M T). docs/theory.md
// derives it.
//
// f is convex, hessian <= diag(L), w* minimises f on R^d and lies in W, batches
// are unbiased with Var g_tj <= sigma_j^2 / M_t.
//
// E.1's relaxed form is the same with L* of Assumption E.4 and sigma_* of E.3 in
// the places of L and sigma.
//
// InvalidArgument for spans of different sizes, and for numbers that are not
// finite or of the wrong sign.
absl::StatusOr<ConvexBound> BoundAdaGrad(const AdaGradRun& run,
                                         absl::Span<const double> smoothness,
                                         absl::Span<const double> sigma,
                                         absl::Span<const double> distance);

// The constant step with the least bound: D_inf / sqrt(2).
double BestAdaGradRate(double distance_linf);

}  // namespace anisograd

#endif  // ANALYSIS_THEORY_ADAGRAD_BOUND_H_
