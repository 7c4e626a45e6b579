#ifndef ANALYSIS_HELD_OUT_H_
#define ANALYSIS_HELD_OUT_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/held_out.pb.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/result.pb.h"

namespace anisograd {

// Of w on the rows of `problem`.
HeldOutScore ScoreWeights(const LogisticProblem& problem,
                          absl::Span<const double> w);

// Runs the selected grid point of every cell again on `train`, with the seeds that
// it has, and scores it on `test`; cells that selected nothing are left out. Leaves
// dataset, target and file to the caller. InvalidArgument where the two have other
// dimensions.
absl::StatusOr<HeldOutResult> ComputeHeldOut(
    const LogisticProblem& train, const LogisticProblem& test,
    absl::Span<const ExperimentResult> cells, const OptimumResult& optimum);

}  // namespace anisograd

#endif  // ANALYSIS_HELD_OUT_H_
