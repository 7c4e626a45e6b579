#ifndef EXPERIMENTS_LOGISTIC_LANES_GRID_TESTING_H_
#define EXPERIMENTS_LOGISTIC_LANES_GRID_TESTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "data/synthetic.h"
#include "experiments/logistic/lanes/grid_run.h"
#include "optim/rules.h"

// Made-up grids and data for the tests of trainers of grids.

namespace anisograd {

// Sparse rows of 8 non-zeros on average.
inline CsrMatrix Data(int64_t rows, int64_t features,
                      SyntheticSpec::Values values) {
  DatasetSpec spec;
  spec.set_rows(rows);
  spec.set_features(features);
  spec.set_mean_nonzeros(8);
  spec.mutable_synthetic()->set_seed(5);
  spec.mutable_synthetic()->set_power_law_exponent(1);
  spec.mutable_synthetic()->set_values(values);
  spec.mutable_synthetic()->set_label_noise(0.5);
  return GenerateStandIn(spec);
}

// Three rates under three schedules, three epochs; the usual constants of a
// rule of optim/rules.h.
inline GridTrainerOptions Options(const std::string& rule, int64_t batch_size) {
  GridTrainerOptions options;
  options.optimizer = UsualRule(rule);
  Grid grid;
  for (const double rate : {1.0, 0.1, 0.01}) grid.add_learning_rate(rate);
  for (const auto kind : {ScheduleSpec::CONSTANT,
                          ScheduleSpec::INVERSE_SQUARE_ROOT,
                          ScheduleSpec::COSINE}) {
    grid.add_schedule()->set_kind(kind);
  }
  options.grid = ExpandGrid(grid);
  options.batch_size = batch_size;
  LogisticProtocol& protocol = options.protocol;
  protocol.set_epochs(3);
  protocol.set_initial_radius(0.05);
  protocol.set_sampling(LogisticProtocol::SHUFFLE_EACH_EPOCH);
  protocol.set_last_batch(LogisticProtocol::KEEP);
  protocol.set_schedule_clock(LogisticProtocol::PER_ITERATION);
  protocol.set_iterate(LogisticProtocol::CURRENT);
  protocol.set_selection(LogisticProtocol::BEST_EPOCH);
  options.seed = 11;
  return options;
}

// Rows x = 1, y = +1 and x = 1, y = -1. From w = 0 with rate 40 and batch size
// 1 the first step reaches |w| = 20, where the other row's loss is 20.
inline CsrMatrix OppositeRows() {
  CsrMatrix data;
  data.features = 1;
  data.row_start = {0, 1, 2};
  data.index = {0, 0};
  data.value = {1, 1};
  data.label = {1, -1};
  return data;
}

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_GRID_TESTING_H_
