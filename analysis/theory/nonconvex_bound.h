#ifndef ANALYSIS_THEORY_NONCONVEX_BOUND_H_
#define ANALYSIS_THEORY_NONCONVEX_BOUND_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace anisograd {

// A run of Algorithm 1 with Option II and a constant step.
struct NonconvexRun {
  int64_t steps = 0;       // T > 0
  double batch_size = 0.0;  // M > 0
  double rate = 0.0;        // eta > 0
  double epsilon = 0.0;     // > 0, inside the root
  double initial_gap = 0.0;  // Delta >= f(w_0) - inf f
};

// Theorems 4.3 (L1 = 0) and 5.3 with explicit constants: a bound on
//
//   (E sqrt((1/T) sum_t |grad f(w_t)|_1^2))^2.
//
// For sigma' = sigma / sqrt(M) and a_j = sigma'_j + eta L0_j / 2
// + eta L1_j sigma'_j / 2 it is X^2 / T with the largest X such that
//
//   X^2 <= S(X) (d epsilon + 2 X + (sqrt(T) + 1) |sigma'|_1),
//   S(X) = (Delta / eta + |a|_1 R(X)) / (1/2 - eta |L1|_inf),
//   R(X) = min(T, 2 (ln((d epsilon + X + sqrt(T) |sigma'|_1) / epsilon)
//                    - H(a / |a|_1))),
//
// H the entropy. docs/theory.md derives it; no Lemma F.4 is needed. The text
// bounds the logarithm in closed form instead, and asks for
// eta <= 1 / (4 |L1|_inf); this holds for eta < 1 / (2 |L1|_inf), with nullopt
// from there on.
//
// InvalidArgument for spans of different sizes and numbers out of their range.
absl::StatusOr<std::optional<double>> BoundAdaGradGradient(
    const NonconvexRun& run, absl::Span<const double> l0,
    absl::Span<const double> l1, absl::Span<const double> sigma);

}  // namespace anisograd

#endif  // ANALYSIS_THEORY_NONCONVEX_BOUND_H_
