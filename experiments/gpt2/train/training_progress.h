#ifndef EXPERIMENTS_GPT2_TRAIN_TRAINING_PROGRESS_H_
#define EXPERIMENTS_GPT2_TRAIN_TRAINING_PROGRESS_H_

#include <cstdint>
#include <string>

#include "experiments/gpt2/spec/spec.pb.h"
#include "experiments/gpt2/train/run_trainer.h"
#include "experiments/gpt2/train/trainable_model.h"
#include "tools/base/program.h"

namespace anisograd {

// Where a run stood when it was first seen, and the time since: what rates are
// measured from.
struct TrainingClock {
  double seconds = 0.0;
  int64_t first_step = 0;
  int64_t first_token = 0;
};

// The line that a person at a terminal sees while a cell trains: run, step,
// loss, learning rate, gradient norm, tokens per second, share of the machine's
// peak (multiply-adds count as two) or the rate itself where the peak is not
// known (0), time left of the whole cell. At least one step since the clock's
// first, in more than no time. The norm is the last that is known.
std::string TrainingProgressLine(const Gpt2ExperimentSpec& cell,
                                 const RunTrainer& trainer, int run, int runs,
                                 const TrainingClock& clock,
                                 double peak_flops_per_second);

// Shows it. Nothing of it enters a result.
class TrainingProgress {
 public:
  // Measures the peak of `model` where there is a terminal to show it on: what
  // 100 % is. `cell` must outlive it.
  TrainingProgress(const Gpt2ExperimentSpec& cell, TrainableModel* model);

  bool visible() const { return line_.visible(); }
  // After a step of run `run` of `runs`.
  void Show(const RunTrainer& trainer, int run, int runs);

 private:
  ProgressLine line_;
  const Gpt2ExperimentSpec& cell_;
  double peak_flops_per_second_ = 0.0;
  // The run now shown, and when it was first seen.
  int run_ = -1;
  double start_seconds_ = 0.0;
  TrainingClock clock_;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_TRAIN_TRAINING_PROGRESS_H_
