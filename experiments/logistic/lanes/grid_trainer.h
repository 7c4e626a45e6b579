#ifndef EXPERIMENTS_LOGISTIC_LANES_GRID_TRAINER_H_
#define EXPERIMENTS_LOGISTIC_LANES_GRID_TRAINER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "experiments/logistic/lanes/grid_run.h"
#include "experiments/logistic/problem/problem.h"

namespace anisograd {

// Trains logistic regression at every grid point of one seed.
//
// Grid points of one seed share the order of the samples, so sixteen, eight or two
// of them are the lanes of one pass over the data: weights are stored by feature,
// the lanes of a feature side by side. What a lane computes is independent of the
// other lanes, but for last bits where steps are put off: a coordinate's are
// replayed until no lane moves. It is what Algorithms 1 to 3 say, coordinate by
// coordinate. Only
// coordinates of the batch are touched where the rule leaves the others alone or
// moves their states only (AtRest in optim/rule.h), which is made up for when
// they are touched next; Adam moves all, in large dimensions lazily.
//
// A run that meets the explosion rule goes on to the end (its loss is data too)
// and says where it exploded first.
//
// Subnormal numbers are taken for zero: Adam's first moment of a coordinate at
// rest is one after some 6,700 steps, and made every step several times slower.
// A weight differs only where a moment or gradient below 2e-308 would have moved
// it.
//
// InvalidArgument for what CheckGridOptions refuses.
absl::StatusOr<std::vector<GridRun>> TrainGrid(
    const LogisticProblem& problem, const GridTrainerOptions& options);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_GRID_TRAINER_H_
