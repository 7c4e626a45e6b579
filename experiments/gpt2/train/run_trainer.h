#ifndef EXPERIMENTS_GPT2_TRAIN_RUN_TRAINER_H_
#define EXPERIMENTS_GPT2_TRAIN_RUN_TRAINER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "experiments/gpt2/spec/result.pb.h"
#include "experiments/gpt2/spec/spec.pb.h"
#include "experiments/gpt2/train/sequences.h"
#include "experiments/gpt2/train/trainable_model.h"

namespace anisograd {

// One run of a cell: one grid point and seed, step by step. The position in
// data, schedule and random numbers is a pure function of the step's number,
// so a run is resumed by restoring the model's state and the Gpt2Run.
//
// Step t, over the sequences of the t-th batch, with dropout numbers (seed, t):
//   loss, g = as Gpt2Protocol::Accumulation says
//   g <- g min(1, max_gradient_norm / |g|_2)
//   w <- update rule with learning rate eta * schedule(t)
class RunTrainer {
 public:
  // `cell` has one method and one batch size; `sequences` and `model` must
  // outlive the trainer. `run` names learning rate, schedule and seed, and
  // holds what has been logged so far: run.loss_size() is the next step.
  RunTrainer(const Gpt2ExperimentSpec& cell, const SequenceSet& sequences,
             TrainableModel* model, Gpt2Run run);

  int64_t steps_per_epoch() const { return order_.steps_per_epoch(); }
  int64_t total_steps() const { return total_steps_; }
  int64_t steps_done() const { return run_.loss_size(); }
  // After the last step, or an explosion.
  bool done() const;

  // Takes one step and logs it. A loss or gradient that is not finite ends the
  // run as EXPLODED, before the weights move. On a model that runs ahead the
  // step's norm is not yet in the log; where it turns out not to be finite, the
  // next step does not count.
  absl::Status Step();

  // Completes the log: the norm of the last step. Before it is kept anywhere.
  void Settle();

  // eta_t of the next step.
  double learning_rate() const;
  const Gpt2Run& run() const { return run_; }
  // The run with its reported loss, digest and outcome. done() must hold.
  Gpt2Run Finish();

 private:
  // Adds the gradient of one micro-batch's share of the loss; returns its loss.
  absl::StatusOr<LossSum> MicroBatch(absl::Span<const int64_t> sequences,
                                     double scale, int64_t* first_token);
  // The gradient of the whole step; returns its loss.
  absl::StatusOr<double> LossAndGradient();
  // Ends the run at the step that was logged last.
  void Explode(const char* what);

  const Gpt2Protocol protocol_;
  const OptimizerSpec optimizer_;
  const SequenceSet& sequences_;
  TrainableModel* const model_;
  SequenceOrder order_;
  const int64_t total_steps_;
  Gpt2Run run_;
  SequenceBatch batch_;
  // The last step's norm is not in the log yet.
  bool unsettled_ = false;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_TRAIN_RUN_TRAINER_H_
