#ifndef EXPERIMENTS_LOGISTIC_LANES_WIDE_LANES_H_
#define EXPERIMENTS_LOGISTIC_LANES_WIDE_LANES_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/logistic/lanes/grid_run.h"
#include "experiments/logistic/problem/problem.h"

namespace anisograd {

// Trains groups of sixteen and eight `runs`, the last ones of `options.grid`, while
// more than two are left, and returns the others: TrainGroups (train_some.h) in
// registers of AVX-512, which the processor must have (CurrentIsa). The same bits as
// in those of AVX2, since a lane is a lane. InvalidArgument where the options have
// no rule.
absl::StatusOr<absl::Span<GridRun>> TrainWideGroups(
    const LogisticProblem& problem, const GridTrainerOptions& options,
    absl::Span<GridRun> runs);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_WIDE_LANES_H_
