#ifndef ANALYSIS_CONFIDENCE_H_
#define ANALYSIS_CONFIDENCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/convex.h"

namespace anisograd {

// A mean over seeds with its 95 % interval.
struct Interval {
  double mean = 0.0;
  double low = 0.0, high = 0.0;
};

// The percentile bootstrap of a mean: `values` are drawn again with replacement
// 10,000 times, by counter-based random numbers of (seed 1, `stream`), and the
// interval leaves out 250 means on either side. Of one value it is that value,
// of none 0.
Interval BootstrapMean(absl::Span<const double> values, uint32_t stream);

// The probability of at least `below` heads among `n` throws: the sign test of "no
// more likely below than above", one-sided and exact. n <= 60.
double SignTest(int below, int n);

// SGD against AdaGrad at one batch size, on seeds that their rates were not
// selected on. A seed fixes w_0 and the order of the samples for both, so that the
// differences are of pairs.
struct PairedComparison {
  int64_t batch_size = 0;
  Interval sgd, adagrad;
  // SGD minus AdaGrad.
  Interval difference;
  int seeds = 0;
  // Seeds on which AdaGrad's f - f(w*) is the lower one, and SignTest of them.
  int below = 0;
  double p_value = 1.0;
  std::string target;
};

// Of all batch sizes at which both methods have values, ascending.
// InvalidArgument where methods have other seeds.
absl::StatusOr<std::vector<PairedComparison>> ComparePairs(
    const ConvexQuantities& fresh);

// Which hypotheses are rejected at 5 % when all are judged together (Holm 1979), in
// their order.
std::vector<bool> HolmRejects(absl::Span<const double> p_values);

}  // namespace anisograd

#endif  // ANALYSIS_CONFIDENCE_H_
