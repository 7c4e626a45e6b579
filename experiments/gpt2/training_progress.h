#ifndef EXPERIMENTS_GPT2_TRAINING_PROGRESS_H_
#define EXPERIMENTS_GPT2_TRAINING_PROGRESS_H_

#include "experiments/gpt2/run_trainer.h"
#include "experiments/gpt2/spec.pb.h"
#include "experiments/gpt2/thread_pool.h"
#include "tools/base/program.h"

namespace anisograd {

// The line that a person at a terminal sees while a cell trains: run, step,
// loss, learning rate, gradient norm, tokens per second, share of the machine's
// peak, time left. Nothing of it enters a result.
class TrainingProgress {
 public:
  // Measures the rate of a large matrix product on `pool` where there is a
  // terminal to show it on: what 100 % is.
  TrainingProgress(const Gpt2ExperimentSpec& cell, ThreadPool* pool);

  bool visible() const { return line_.visible(); }
  // After a step of run `run` of `runs`.
  void Show(const RunTrainer& trainer, int run, int runs);

 private:
  ProgressLine line_;
  const Gpt2ExperimentSpec& cell_;
  // Multiply-adds count as two.
  double peak_flops_per_second_ = 0.0;
  // When the run now shown was first seen, and at which step and token.
  int run_ = -1;
  double start_seconds_ = 0.0;
  int64_t start_steps_ = 0;
  int64_t start_tokens_ = 0;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_TRAINING_PROGRESS_H_
