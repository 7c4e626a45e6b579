#ifndef ANALYSIS_THEORY_EXPONENTIAL_TAIL_H_
#define ANALYSIS_THEORY_EXPONENTIAL_TAIL_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/theory/theory.pb.h"

namespace anisograd {

// Appendix B on data with the exponential tail of Assumption B.2
// (GenerateExponentialTail), logistic loss, W = [-1, 1]^d: R1 and R2 by closed
// form and of the data, and SGD beside AdaGrad after the same steps.
//
// Coordinates with x_ij^2 = exp(-tau j) below e^-92 = 1e-40 cannot change a double
// of f on W and are left out of everything but the closed forms and d itself: the
// sums that they would add to are above theirs by 1e15 at the least.
struct TailOptions {
  int64_t rows = 128;
  double tau = 0.1;
  uint64_t seed = 1;
  // Samples that each run draws, as a multiple of `rows`.
  int epochs = 50;
  int64_t small_batch = 1;
  int64_t large_batch = 32;
};

// One record for each d of `features`. Those that keep the same coordinates share
// the runs. InvalidArgument for tau <= 1 / d, which Assumption B.2 excludes, and
// numbers out of their range. Leaves the target to the caller.
absl::StatusOr<std::vector<TailRecord>> ComputeTails(
    const TailOptions& options, absl::Span<const int64_t> features);

// R1 and R2 as Appendix B has them, sums by their closed forms:
//   R1 = sum_j e^{-tau j / 2} / sqrt(d sum_j e^{-tau j}),
//   R2 = sum_j e^{-tau j} / (d e^{-tau}).
double ClosedR1(double tau, int64_t features);
double ClosedR2(double tau, int64_t features);

}  // namespace anisograd

#endif  // ANALYSIS_THEORY_EXPONENTIAL_TAIL_H_
