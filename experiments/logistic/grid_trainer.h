#ifndef EXPERIMENTS_LOGISTIC_GRID_TRAINER_H_
#define EXPERIMENTS_LOGISTIC_GRID_TRAINER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/logistic/problem.h"
#include "experiments/spec.pb.h"
#include "optim/optimizer.pb.h"

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

  // Keep each run's weights at its lowest loss.
  bool keep_best_weights = false;

  // Called after every epoch with the number of epochs done.
  std::function<void(int)> progress;

  // One run at a time in scalar arithmetic instead of eight in lanes: the same
  // bits, slower. For tests and benchmarks.
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

  // Over epochs 1..; +infinity and 0 where no loss was finite.
  double best_loss = 0.0;
  int best_epoch = 0;
  // Only with keep_best_weights.
  std::vector<double> best_weights;
};

// Trains logistic regression at every grid point of one seed.
//
// Grid points of one seed share the order of the samples, so eight of them are
// the eight lanes of one pass over the data: weights are stored by feature, the
// lanes of a feature side by side. What a lane computes is independent of the
// other lanes, and is what Algorithms 1 to 3 say, coordinate by coordinate:
// coordinates with zero gradient do not move under SGD, AdaGrad and
// AdaGrad-Norm, so only those of the batch are touched; Adam moves all, in
// large dimensions lazily (optim/adam_catch_up.h).
//
// A run that meets the explosion rule goes on to the end (its loss is data too)
// and says where it exploded first.
//
// InvalidArgument names the field for a protocol that lanes cannot run: the l2
// ball of Option I, and averaged iterates of Adam in lazy form.
absl::StatusOr<std::vector<GridRun>> TrainGrid(
    const LogisticProblem& problem, const GridTrainerOptions& options);

// w_0 of a seed: coordinate j is uniform in [-radius, radius).
std::vector<double> InitialWeights(uint64_t seed, double radius,
                                   int64_t dimension);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_GRID_TRAINER_H_
