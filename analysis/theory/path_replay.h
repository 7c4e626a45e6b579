#ifndef ANALYSIS_THEORY_PATH_REPLAY_H_
#define ANALYSIS_THEORY_PATH_REPLAY_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/logistic/lanes/grid_run.h"
#include "experiments/logistic/problem/problem.h"

namespace anisograd {

// What the proofs of docs/theory.md ask of one run of SGD or AdaGrad: sums over
// its steps t < T, all but distances divided by T. Lambda_t is what the rule
// divides by, the identity for SGD. 1/T sum_t of
//
//   inner        <g_t, w_t - w*>
//   telescoped   (|w_t - w*|^2 - |w_{t+1} - w*|^2) / (2 eta_t), norms of
//                Lambda_t
//   ratios       (eta_t / 2) sum_j g_tj^2 / lambda_tj
//
// are measured at every step; without projection inner = telescoped + ratios.
// What takes a pass over all rows,
//
//   mean_gap           f(w_t) - f(w*)
//   signal_j, noise_j  (d_j f(w_t))^2, Var_j(w_t) / M_t with the exact variance
//                      of one sample's gradient
//   rate_signal, rate_noise
//                      eta_t times the sums of these over j
//   signal_l1          |grad f(w_t)|_1^2
//
// is measured at `samples` steps, one in the middle of each of as many strata:
// single steps at first, then ever longer ones up to T / 64.
struct PathRecord {
  int64_t steps = 0;
  double first_rate = 0.0;
  double last_rate = 0.0;
  double inverse_batches = 0.0;  // sum_t 1 / M_t, not divided
  double noise_rates = 0.0;      // sum_t eta_t / M_t, not divided

  // Of w_0 .. w_T from w*: |w_0 - w*|_2, the largest, and by coordinate.
  double initial_distance = 0.0;
  double distance_l2 = 0.0;
  double distance_linf = 0.0;
  std::vector<double> distance;

  double initial_gap = 0.0;  // f(w_0) - f(w*)
  double output_gap = 0.0;   // f - f(w*) at (1/T) sum_t w_t
  double inner = 0.0;
  double telescoped = 0.0;
  double ratios = 0.0;
  // (sum_t g_tj^2)^(1/2), not divided.
  std::vector<double> root_squares;

  double mean_gap = 0.0;
  std::vector<double> signal, noise;
  double rate_signal = 0.0;
  double rate_noise = 0.0;
  double signal_l1 = 0.0;
  int samples = 0;

  // f at the protocol's iterate: entry e is after e epochs.
  std::vector<double> loss;
};

// Runs `options` at its grid point `point` again, step by step with the trainer's
// bits (lanes/lane_trainer.h), from which it differs in summing losses. `optimum`
// is w* with f(w*) = `optimum_loss`. InvalidArgument for other rules than SGD and
// AdaGrad, for the ball of Option I, and for what CheckGridOptions refuses.
absl::StatusOr<PathRecord> ReplayRun(const LogisticProblem& problem,
                                     const GridTrainerOptions& options,
                                     const GridPoint& point,
                                     absl::Span<const double> optimum,
                                     double optimum_loss);

}  // namespace anisograd

#endif  // ANALYSIS_THEORY_PATH_REPLAY_H_
