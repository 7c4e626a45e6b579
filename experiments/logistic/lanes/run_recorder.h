#ifndef EXPERIMENTS_LOGISTIC_LANES_RUN_RECORDER_H_
#define EXPERIMENTS_LOGISTIC_LANES_RUN_RECORDER_H_

#include <cstdint>

#include "experiments/logistic/lanes/grid_run.h"

namespace anisograd {

// What a trainer measured at the end of an epoch, before averaging.
struct EpochMeasurement {
  // Epochs done; 0 at w_0, where only `loss_sum` counts.
  int epoch = 0;
  // Sum over all rows of their loss at the protocol's iterate.
  double loss_sum = 0.0;
  // Sum over the epoch's samples of their loss when they were drawn.
  double drawn_loss_sum = 0.0;
  // Samples that the epoch drew.
  int64_t samples = 1;
  // Steps taken over all epochs.
  int64_t steps = 0;
  // The first step that drew a sample with a loss above the explosion rule's
  // limit, or -1.
  int64_t explosion_step = -1;
};

// Writes the records of runs: one series of losses, the best epoch, the
// explosion and the distances, by the protocol's rules.
class RunRecorder {
 public:
  // `options` must outlive the recorder.
  RunRecorder(const GridTrainerOptions& options, int64_t rows)
      : options_(options), rows_(static_cast<double>(rows)) {}

  // Before the first measurement.
  void Start(GridRun* run) const;

  // Returns true where the epoch's loss is the run's lowest so far.
  bool RecordEpoch(const EpochMeasurement& measured, GridRun* run) const;

  // |w_t - w*| for one of the optima, at any step.
  static void RecordDistance(int64_t optimum, double l2, double linf,
                             GridRun* run);

  // The largest |w_t - w*| over every step so far.
  void RecordStepDistance(int64_t optimum, double l2, double linf,
                          GridRun* run) const;

  // f at one of `evaluations_per_epoch` evaluations, which a trainer makes all,
  // epoch ends among them, or none.
  void RecordEvaluation(double loss_sum, GridRun* run) const;

 private:
  void CheckExplosion(const EpochMeasurement& measured, GridRun* run) const;

  const GridTrainerOptions& options_;
  double rows_;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_RUN_RECORDER_H_
