#ifndef EXPERIMENTS_LOGISTIC_LANES_SAMPLE_ORDER_H_
#define EXPERIMENTS_LOGISTIC_LANES_SAMPLE_ORDER_H_

#include <cstdint>
#include <vector>

#include "experiments/logistic/lanes/grid_run.h"
#include "experiments/spec.pb.h"
#include "optim/schedule.h"

// What a seed and the protocol fix for a run, on any hardware: w_0, the order
// of the samples, and the clock of the learning rate.

namespace anisograd {

// w_0 of a seed: coordinate j is uniform in [-radius, radius).
std::vector<double> InitialWeights(uint64_t seed, double radius,
                                   int64_t dimension);

// Samples of epoch `epoch` (from 0), in the order in which batches take them.
void DrawSampleOrder(const GridTrainerOptions& options, int64_t rows,
                     uint32_t epoch, std::vector<uint32_t>* order);

// Samples in one epoch's order: `rows`, or the whole batches among them.
int64_t SamplesPerEpoch(const GridTrainerOptions& options, int64_t rows);

// Turns steps, counted from 0 over all epochs, into factors of schedules.
class ScheduleClock {
 public:
  ScheduleClock(const GridTrainerOptions& options, int64_t rows)
      : steps_per_epoch_((SamplesPerEpoch(options, rows) +
                          options.batch_size - 1) /
                         options.batch_size),
        steps_per_tick_(options.protocol.schedule_clock() ==
                                LogisticProtocol::PER_EPOCH
                            ? steps_per_epoch_
                            : 1),
        total_ticks_(total_steps(options.protocol) / steps_per_tick_) {}

  int64_t steps_per_epoch() const { return steps_per_epoch_; }
  int64_t total_steps(const LogisticProtocol& protocol) const {
    return steps_per_epoch_ * protocol.epochs();
  }

  // eta_t / eta.
  double Factor(const ScheduleSpec& schedule, int64_t step) const {
    const int64_t t = steps_per_tick_ == 1 ? step : step / steps_per_tick_;
    return ScheduleFactor(schedule, t, total_ticks_);
  }

  // The first step after `step` at which factors may be others.
  int64_t NextTick(int64_t step) const {
    return step - step % steps_per_tick_ + steps_per_tick_;
  }

 private:
  int64_t steps_per_epoch_;
  int64_t steps_per_tick_;
  int64_t total_ticks_;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_SAMPLE_ORDER_H_
