#ifndef EXPERIMENTS_GPT2_TRAIN_CELL_H_
#define EXPERIMENTS_GPT2_TRAIN_CELL_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/token_file.h"
#include "experiments/gpt2/spec/result.pb.h"
#include "experiments/gpt2/spec/spec.pb.h"
#include "experiments/gpt2/train/run_trainer.h"
#include "experiments/gpt2/train/trainable_model.h"

namespace anisograd {

struct Gpt2CellOptions {
  // Where checkpoints go; empty for none. Whoever writes the result deletes the
  // file after that.
  std::string checkpoint;
  // Asked before every step but a run's first: whether to write one now, with
  // all arrays. Between runs one is written in any case, without.
  std::function<bool()> checkpoint_due;
  // The runs of these learning rates come first, in this order, then the others;
  // the result has all in the grid's order, and a checkpoint serves any.
  std::vector<double> first_rates;
  // Called after every step: which run of how many.
  std::function<void(const RunTrainer& trainer, int run, int runs)> progress;
};

// The runs of a cell in their order, nothing of them done yet: each has its
// learning rate, schedule and seed.
std::vector<Gpt2Run> PlanGpt2Runs(const Gpt2ExperimentSpec& cell);

// Whether `run` is the one that `plan` plans, whatever has been done of it.
bool IsRunOf(const Gpt2Run& plan, const Gpt2Run& run);

// Runs one table cell, an expanded Gpt2ExperimentSpec: every grid point and
// seed from the same initial parameters, one after the other on `model`. Goes
// on from the checkpoint where there is one, with the run under way from its
// beginning where the arrays are missing; the result is then the same bytes as
// that of an uninterrupted run. `start` describes `parameters`, its digest
// included. Leaves target and source_revision to the caller. InvalidArgument
// "FIELD: reason" where the cell does not fit itself or the tokens; errors of a
// checkpoint name its file.
absl::StatusOr<Gpt2Result> RunGpt2Cell(const Gpt2ExperimentSpec& cell,
                                       const TokenFile& tokens,
                                       const StartRecord& start,
                                       absl::Span<const float> parameters,
                                       TrainableModel* model,
                                       const Gpt2CellOptions& options);

// Sets result->selected and exploded_runs from its runs and spec.
void SelectGpt2Runs(Gpt2Result* result);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_TRAIN_CELL_H_
