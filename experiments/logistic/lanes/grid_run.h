#ifndef EXPERIMENTS_LOGISTIC_LANES_GRID_RUN_H_
#define EXPERIMENTS_LOGISTIC_LANES_GRID_RUN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/spec.pb.h"
#include "optim/optimizer.pb.h"

// What trainers of a grid are asked and what they answer, whatever hardware
// they run on.

namespace anisograd {

// One grid point: an initial learning rate under a schedule.
struct GridPoint {
  double learning_rate = 0.0;
  ScheduleSpec schedule;
};

// Grid points in the order of ExperimentResult.run: rates outer, schedules
// inner.
std::vector<GridPoint> ExpandGrid(const Grid& grid);

struct GridTrainerOptions {
  OptimizerSpec optimizer;
  std::vector<GridPoint> grid;
  int64_t batch_size = 1;
  LogisticProtocol protocol;
  // Fixes w_0 and the order of the samples, for all grid points alike.
  uint64_t seed = 0;

  // Distances are measured to each of these, dimension() numbers each.
  std::vector<absl::Span<const double>> optima;
  // At every step, too. Heeded by TrainGrid where no steps are put off and nothing
  // is projected onto a ball.
  bool every_step_distances = false;

  // Above 1, f is measured this many times an epoch for `lowest_loss`, the last
  // time at its end. Heeded by TrainGrid alone.
  int evaluations_per_epoch = 1;

  // Keep each run's weights at its lowest loss.
  bool keep_best_weights = false;

  // Called after every epoch with the number of epochs done.
  std::function<void(int)> progress;

  // One run at a time in scalar arithmetic instead of some in lanes: slower, and
  // the same bits but where steps are put off (PutsStepsOff). For tests and
  // benchmarks.
  bool one_lane = false;
};

// One run of one grid point. Fields as in the message Run of result.proto.
struct GridRun {
  bool exploded = false;
  int64_t explosion_step = 0;
  std::string explosion_reason;

  std::vector<double> loss;
  std::vector<double> epoch_mean_loss;
  std::vector<double> max_distance_l2;
  std::vector<double> max_distance_linf;
  // Empty where not every step was measured.
  std::vector<double> max_step_distance_l2;
  std::vector<double> max_step_distance_linf;
  // Over all evaluations, where more than one an epoch were made; +infinity
  // where none was finite.
  std::optional<double> lowest_loss;

  // Over epochs 1..; +infinity and 0 where no loss was finite.
  double best_loss = 0.0;
  int best_epoch = 0;
  // Only with keep_best_weights.
  std::vector<double> best_weights;
};

// InvalidArgument naming the field for what no trainer of grids runs, such as
// averaged iterates or projections where steps are put off.
absl::Status CheckGridOptions(const GridTrainerOptions& options,
                              int64_t dimension);

// True where a rule that moves coordinates at rest (AtRest::kAllMove: Adam) has
// these steps put off: in more than 1,024 dimensions.
bool PutsStepsOff(const OptimizerSpec& optimizer, int64_t dimension);

// True where batches touch so many coordinates that every step goes through all
// of them, in order, instead of keeping a list. Decides the order in which
// AdaGrad-Norm sums and the roundings of averaged iterates, so every trainer
// must heed it.
bool TouchesMostCoordinates(const LogisticProblem& problem, int64_t batch_size);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_GRID_RUN_H_
