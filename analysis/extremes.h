#ifndef ANALYSIS_EXTREMES_H_
#define ANALYSIS_EXTREMES_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/result.pb.h"

namespace anisograd {

// An extreme over a family's runs, joined over seeds by extremes.join_seeds.
struct Extreme {
  double value = 0.0;
  // Standard deviation over seeds of each seed's extreme, divisor (number of
  // seeds).
  double spread = 0.0;
  // Label of the cell that holds the extreme of all seeds.
  std::string target;
};

// max_t |w_t - w*| over the runs of sgd and adagrad that count.
struct DistanceExtremes {
  Extreme linf;
  Extreme l2;
};

// What ExtremesSpec asks of a family's results. Absent where a seed has no run
// that counts.
struct FamilyExtremes {
  std::optional<DistanceExtremes> paper, exact;
  // min_t f(w_t) by method, in the order of the methods' first cells.
  std::vector<std::pair<std::string, Extreme>> lowest_loss;
};

// Over which runs a family's extremes are, and how its seeds are joined, by
// `extremes` of its spec: "over RUNS: each seed's, then the mean".
std::string DescribeExtremes(const ExperimentSpec& spec);

// `results` are all cells of one family. InvalidArgument where they have other
// seeds or other extremes than the first, or lack what their spec asks for:
// distances at every step and evaluations between epoch ends, which a GPU does not
// measure.
absl::StatusOr<FamilyExtremes> ComputeFamilyExtremes(
    absl::Span<const ExperimentResult> results);

}  // namespace anisograd

#endif  // ANALYSIS_EXTREMES_H_
