#include "experiments/gpt2/train/cell.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/gpt2/spec/experiment_spec.h"
#include "experiments/gpt2/train/checkpoint.h"
#include "experiments/selection.h"
#include "experiments/spec_parts.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

TokenRecord MakeTokenRecord(const std::string& name, const TokenFile& file,
                            const SequenceSet& sequences) {
  TokenRecord record;
  record.set_name(name);
  record.set_digest(file.digest);
  record.set_examples(file.tokens.examples());
  record.set_tokens(sequences.real_tokens());
  record.set_vocabulary(file.tokens.vocabulary_size);
  record.set_stand_in(file.info.stand_in);
  record.set_note(file.info.note);
  return record;
}

// The runs of a cell, in the grid's order, and what has become of them.
struct CellRuns {
  // The number of a run that is not over and that `run` can be; -1 for none.
  int Find(const Gpt2Run& run) const {
    for (size_t i = 0; i < runs.size(); ++i) {
      if (!over[i] && IsRunOf(runs[i], run)) return static_cast<int>(i);
    }
    return -1;
  }

  std::vector<Gpt2Run> runs;
  std::vector<bool> over;
  // The numbers of the runs, as they are to be done.
  std::vector<int> order;
};

CellRuns PlanCellRuns(const Gpt2ExperimentSpec& cell,
                      const std::vector<double>& first_rates) {
  CellRuns plan;
  plan.runs = PlanGpt2Runs(cell);
  plan.over.assign(plan.runs.size(), false);
  plan.order.resize(plan.runs.size());
  std::iota(plan.order.begin(), plan.order.end(), 0);
  const auto place = [&](int i) {
    return std::find(first_rates.begin(), first_rates.end(),
                     plan.runs[i].learning_rate());
  };
  std::stable_sort(plan.order.begin(), plan.order.end(),
                   [&](int a, int b) { return place(a) < place(b); });
  return plan;
}

// Takes over what a checkpoint, of the right spec by its digest, knows; the run
// under way comes first then. False where its runs are not those of the cell.
bool TakeOver(const Gpt2Checkpoint& found, CellRuns* plan) {
  for (const Gpt2Run& run : found.finished()) {
    const int i = plan->Find(run);
    if (i < 0 || run.outcome() == Run::OUTCOME_UNSPECIFIED) return false;
    plan->runs[i] = run;
    plan->over[i] = true;
  }
  const Gpt2Run& current = found.current();
  const int i = plan->Find(current);
  if (i < 0 || current.outcome() != Run::OUTCOME_UNSPECIFIED ||
      current.loss_size() != current.gradient_norm_size()) {
    return false;
  }
  if (found.array().empty()) return true;
  plan->runs[i] = current;
  const auto at = std::find(plan->order.begin(), plan->order.end(), i);
  std::rotate(plan->order.begin(), at, at + 1);
  return true;
}

}  // namespace

std::vector<Gpt2Run> PlanGpt2Runs(const Gpt2ExperimentSpec& cell) {
  std::vector<Gpt2Run> runs;
  for (const double learning_rate : cell.grid().learning_rate()) {
    for (const ScheduleSpec& schedule : cell.grid().schedule()) {
      for (const uint64_t seed : cell.seed()) {
        Gpt2Run& run = runs.emplace_back();
        run.set_learning_rate(learning_rate);
        *run.mutable_schedule() = schedule;
        run.set_seed(seed);
      }
    }
  }
  return runs;
}

bool IsRunOf(const Gpt2Run& plan, const Gpt2Run& run) {
  return run.learning_rate() == plan.learning_rate() &&
         SerializeDeterministically(run.schedule()) ==
             SerializeDeterministically(plan.schedule()) &&
         run.seed() == plan.seed();
}

void SelectGpt2Runs(Gpt2Result* result) {
  SelectGridPoint(
      result->spec().seed_size(),
      [](const Gpt2Run& run) { return run.reported_loss(); }, result);
}

absl::StatusOr<Gpt2Result> RunGpt2Cell(const Gpt2ExperimentSpec& cell,
                                       const TokenFile& tokens,
                                       const StartRecord& start,
                                       absl::Span<const float> parameters,
                                       TrainableModel* model,
                                       const Gpt2CellOptions& options) {
  if (cell.method_size() != 1 || cell.batch_size_size() != 1) {
    return BadField("method, batch_size", "a cell has exactly one of each");
  }
  if (tokens.tokens.vocabulary_size > cell.model().vocabulary()) {
    return BadField("model.vocabulary",
                    absl::StrCat("is ", cell.model().vocabulary(),
                                 ", but the tokens need ",
                                 tokens.tokens.vocabulary_size));
  }
  ASSIGN_OR_RETURN(const SequenceSet sequences,
                   SequenceSet::Create(tokens.tokens, cell.protocol()));
  if (cell.protocol().last_batch() == LogisticProtocol::DROP &&
      sequences.size() < SequencesPerStep(cell)) {
    return BadField("batch_size", absl::StrCat("exceeds the ", sequences.size(),
                                               " sequences, and the last batch "
                                               "is dropped"));
  }
  // Dropout's key counts steps in 32 bits.
  constexpr int64_t kMostSteps = std::numeric_limits<uint32_t>::max();
  const int64_t steps =
      SequenceOrder(sequences.size(), SequencesPerStep(cell), 1,
                    cell.protocol().last_batch())
          .steps_per_epoch();
  if (steps * cell.protocol().epochs() > kMostSteps) {
    return BadField("protocol.epochs",
                    absl::StrCat("is ", cell.protocol().epochs(), ", which at ",
                                 steps, " steps an epoch are more than ",
                                 kMostSteps, " steps"));
  }
  Gpt2Result result;
  *result.mutable_spec() = cell;
  result.set_spec_digest(SpecDigest(cell));
  *result.mutable_dataset() =
      MakeTokenRecord(cell.dataset(), tokens, sequences);
  *result.mutable_start() = start;
  result.set_device(model->device());

  Gpt2Checkpoint checkpoint;
  checkpoint.set_spec_digest(result.spec_digest());
  checkpoint.set_dataset_digest(tokens.digest);
  checkpoint.set_start_digest(start.digest());
  checkpoint.set_device(model->device());

  const OptimizerSpec& optimizer = cell.method(0).optimizer();
  CellRuns plan = PlanCellRuns(cell, options.first_rates);
  RETURN_IF_ERROR(model->Reset(optimizer, parameters));
  if (!options.checkpoint.empty()) {
    absl::StatusOr<Gpt2Checkpoint> found =
        RestoreCheckpoint(options.checkpoint, checkpoint, model);
    if (found.ok()) {
      if (!TakeOver(*found, &plan)) {
        return absl::DataLossError(absl::StrCat(
            options.checkpoint, ": its runs are not those of the cell"));
      }
      checkpoint.mutable_finished()->Swap(found->mutable_finished());
    } else if (!absl::IsNotFound(found.status())) {
      return found.status();
    }
  }
  for (const int i : plan.order) {
    if (plan.over[i]) continue;
    if (plan.runs[i].loss_size() == 0) {
      RETURN_IF_ERROR(model->Reset(optimizer, parameters));
    }
    const int before = checkpoint.finished_size();
    RunTrainer trainer(cell, sequences, model, std::move(plan.runs[i]));
    while (!trainer.done()) {
      const bool between_runs = trainer.steps_done() == 0;
      if (!options.checkpoint.empty() &&
          (between_runs ? before > 0
                        : options.checkpoint_due && options.checkpoint_due())) {
        trainer.Settle();
        if (trainer.done()) break;
        *checkpoint.mutable_current() = trainer.run();
        RETURN_IF_ERROR(SaveCheckpoint(options.checkpoint, checkpoint,
                                       between_runs ? nullptr : model));
      }
      RETURN_IF_ERROR(trainer.Step());
      if (options.progress) {
        options.progress(trainer, before, static_cast<int>(plan.runs.size()));
      }
    }
    plan.runs[i] = trainer.Finish();
    *checkpoint.add_finished() = plan.runs[i];
  }
  for (Gpt2Run& run : plan.runs) *result.add_run() = std::move(run);
  SelectGpt2Runs(&result);
  return result;
}

}  // namespace anisograd
