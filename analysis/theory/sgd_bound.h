#ifndef ANALYSIS_THEORY_SGD_BOUND_H_
#define ANALYSIS_THEORY_SGD_BOUND_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "analysis/theory/adagrad_bound.h"

namespace anisograd {

// A run of Algorithm 2 whose steps eta_t do not rise.
struct SgdRun {
  int64_t steps = 0;  // T > 0
  double first_rate = 0.0;  // eta_0
  double last_rate = 0.0;   // eta_{T-1}
  // sum_t eta_t / M_t: eta T / M for constant steps and batches.
  double noise_rates = 0.0;
  double initial_distance = 0.0;  // |w_0 - w*|_2
  // D_2 >= max_t |w_t - w*|_2; plays no part where the step is constant.
  double distance = 0.0;
};

// Theorem D.1 with explicit constants: for c = min(1, 2 - eta_0 L_inf) > 0,
//
//   bias      (|w_0 - w*|^2 / eta_0 + D_2^2 (1 / eta_{T-1} - 1 / eta_0))
//             / (2 c T)
//   variance  |sigma|_2^2 sum_t eta_t / M_t / (2 c T)
//
// which is half of what the text's proof gives where eta_0 <= 1 / L_inf
// (docs/theory.md), and holds up to eta_0 < 2 / L_inf. nullopt from there on:
// the theorem says nothing. The assumptions are those of adagrad_bound.h with
// hessian <= L_inf. InvalidArgument for numbers that are not finite or out of their
// range, and for steps that rise.
absl::StatusOr<std::optional<ConvexBound>> BoundSgd(const SgdRun& run,
                                                    double smoothness_linf,
                                                    double sigma_l2);

// The constant step with the least bound of T steps with M samples:
// min(1 / L_inf, |w_0 - w*| sqrt(M) / (|sigma|_2 sqrt(T))). L_inf, M and T are
// positive.
double BestSgdRate(double smoothness_linf, double sigma_l2,
                   double initial_distance, double batch_size, double steps);

// A run of Algorithm 2 with a constant step and equal batches.
struct NonconvexSgdRun {
  int64_t steps = 0;        // T > 0
  double batch_size = 0.0;  // M > 0
  double rate = 0.0;        // eta > 0
  double initial_gap = 0.0;  // Delta >= f(w_0) - inf f
};

// Theorem D.3: for constant steps eta < 2 / L_inf,
//
//   (1/T) sum_t E |grad f(w_t)|_2^2
//     <= (Delta / (eta T) + L_inf eta |sigma|_2^2 / (2 M)) / (1 - eta L_inf / 2)
//
// f need not be convex. The text puts 1/2 below. nullopt for larger steps,
// InvalidArgument as above.
absl::StatusOr<std::optional<double>> BoundSgdGradient(
    const NonconvexSgdRun& run, double smoothness_linf, double sigma_l2);

}  // namespace anisograd

#endif  // ANALYSIS_THEORY_SGD_BOUND_H_
