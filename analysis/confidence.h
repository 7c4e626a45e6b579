#ifndef ANALYSIS_CONFIDENCE_H_
#define ANALYSIS_CONFIDENCE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/convex.h"

namespace anisograd {

// A mean over seeds with a 95 % interval of what it estimates.
struct Interval {
  double mean = 0.0;
  double low = 0.0, high = 0.0;
};

// The bootstrap-t of a mean: `values` are drawn again with replacement 10,000 times,
// by counter-based random numbers of (seed 1, `stream`), and t = (mean' - mean) /
// error' of what is drawn, error the deviation of a mean, has the quantiles that the
// interval [mean - t_0.975 error, mean - t_0.025 error] takes. Of ten normal
// numbers it holds the truth in 95 % of all cases, where quantiles of the means drawn
// do in 90 %: these take the deviation for known. Infinite on a side where more than
// 250 times all that is drawn is one value, as of two or three values. Of values
// without a deviation, one value among them, it is the mean, of none 0.
Interval BootstrapMean(absl::Span<const double> values, uint32_t stream);

// The probability of at least `below` heads among `n` throws: the sign test of "no
// more likely below than above", one-sided and exact. n <= 53.
double SignTest(int below, int n);

// SGD against AdaGrad at one batch size, on seeds that their rates were not
// selected on. A seed fixes w_0 and the order of the samples for both, so that the
// differences are of pairs.
struct PairedComparison {
  int64_t batch_size = 0;
  Interval sgd;
  // AdaGrad, and SGD minus AdaGrad; absent where AdaGrad alone exploded, which no
  // seed is below.
  std::optional<Interval> adagrad, difference;
  int seeds = 0;
  // Seeds on which AdaGrad's f - f(w*) is the lower one, and SignTest of them.
  int below = 0;
  double p_value = 1.0;
  std::string target;
};

// Of all batch sizes at which SGD has a value (PairMethods), ascending. InvalidArgument where
// methods have other seeds.
absl::StatusOr<std::vector<PairedComparison>> ComparePairs(
    const ConvexQuantities& fresh);

// Which hypotheses are rejected at 5 % when all are judged together (Holm 1979), in
// their order.
std::vector<bool> HolmRejects(absl::Span<const double> p_values);

}  // namespace anisograd

#endif  // ANALYSIS_CONFIDENCE_H_
