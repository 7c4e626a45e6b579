#ifndef EXPERIMENTS_LOGISTIC_CUDA_FAMILY_TRAINER_H_
#define EXPERIMENTS_LOGISTIC_CUDA_FAMILY_TRAINER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/logistic/lanes/grid_run.h"
#include "experiments/logistic/problem/problem.h"

namespace anisograd {

// Trains all grids of a problem at once on a CUDA device: a block for each run,
// that is for each grid point of each seed, method and batch size. A
// FamilyTrainer (experiments/logistic/train/cell.h).
//
// The arithmetic is TrainGrid's, in double, and so is the order of every sum:
// over a row, over a batch, over coordinates, over the rows of the data. What
// the device computes beside one another, one thread then adds up in order. So
// losses, distances, explosions and weights are meant to have the bits of
// TrainGrid with one_lane, and have them on the emulator; TrainGrid in lanes
// differs from that for Adam in large dimensions alone, by roundings, which runs
// that explode magnify. Results do not depend on what else is in the call, nor
// on the device.
//
// InvalidArgument for what CheckGridOptions refuses, for a projection onto a
// ball, and for evaluations between epoch ends; ResourceExhausted where
// the device's memory does not suffice, or an epoch draws 2^32 non-zeros or
// more.
// Memory: per run (2 + states) d doubles, d more for an average, 2 d for
// distances at every step.
//
// The host draws the samples and transposes the batches of the next epoch
// (epoch_plan.h) while the device trains the present one.
absl::StatusOr<std::vector<std::vector<GridRun>>> TrainGridsOnDevice(
    const LogisticProblem& problem, absl::Span<const GridTrainerOptions> grids);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_FAMILY_TRAINER_H_
