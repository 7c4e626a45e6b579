#ifndef EXPERIMENTS_LOGISTIC_LANES_WIDE_LANES_H_
#define EXPERIMENTS_LOGISTIC_LANES_WIDE_LANES_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/logistic/lanes/grid_run.h"
#include "experiments/logistic/problem/problem.h"

namespace anisograd {

// TrainGroups (train_some.h) in registers of AVX-512, which the processor must have:
// with the same bits, as a lane is a lane.
absl::StatusOr<absl::Span<GridRun>> TrainWideGroups(
    const LogisticProblem& problem, const GridTrainerOptions& options,
    absl::Span<GridRun> runs);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_WIDE_LANES_H_
