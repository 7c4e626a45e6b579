#ifndef ANALYSIS_CURVES_H_
#define ANALYSIS_CURVES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/result.pb.h"

namespace anisograd {

// Plot data (figures/plot_data.h) of one family's cells, which are all of one
// data set. Values are f - f(w*) against the PAPER optimum, like Table 3's:
// `median`, `low` and `high` are over seeds. A logarithmic axis has no place for
// values <= 0: where `low` is one it is the least of the seeds' that is not, and
// where the median is one the point is left out; a note counts those, and one says
// why where no point is left.
// InvalidArgument where a result is not of one cell or lacks the PAPER optimum,
// and where results are of several families.

// How each selected grid point went:
//   batch_size,method,learning_rate,constant,epoch,evaluations,steps,median,low,high
// where `constant` is 1 for a rate that stayed and 0 for one that fell, with
// `evaluations` gradients of single samples and `steps` taken so far.
absl::StatusOr<std::string> MakeCurvesCsv(
    absl::Span<const ExperimentResult> results);

// What each learning rate gave, by the selection rule, with the schedule that is
// better on average at that rate:
//   batch_size,method,learning_rate,constant,median,low,high
// without schedules of which a seed exploded, and rates that are left with none.
absl::StatusOr<std::string> MakeRatesCsv(
    absl::Span<const ExperimentResult> results);

}  // namespace anisograd

#endif  // ANALYSIS_CURVES_H_
