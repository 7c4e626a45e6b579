#include "experiments/gpt2/train/cell.h"

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

// Whether the log of a checkpoint, of the right spec by its digest, can be that
// of the first runs of `plan`.
bool IsLogOf(const std::vector<Gpt2Run>& plan, const Gpt2Checkpoint& found) {
  const size_t finished = static_cast<size_t>(found.finished_size());
  if (finished >= plan.size()) return false;
  for (size_t r = 0; r < finished; ++r) {
    if (!IsRunOf(plan[r], found.finished(static_cast<int>(r)))) return false;
  }
  return IsRunOf(plan[finished], found.current()) &&
         found.current().outcome() == Run::OUTCOME_UNSPECIFIED &&
         found.current().loss_size() == found.current().gradient_norm_size();
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
  std::vector<Gpt2Run> plan = PlanGpt2Runs(cell);
  RETURN_IF_ERROR(model->Reset(optimizer, parameters));
  if (!options.checkpoint.empty()) {
    absl::StatusOr<Gpt2Checkpoint> found =
        RestoreCheckpoint(options.checkpoint, checkpoint, model);
    if (found.ok()) {
      if (!IsLogOf(plan, *found)) {
        return absl::DataLossError(absl::StrCat(
            options.checkpoint, ": its runs are not those of the cell"));
      }
      *result.mutable_run() = found->finished();
      checkpoint.mutable_finished()->Swap(found->mutable_finished());
      if (!found->array().empty()) plan[result.run_size()] = found->current();
    } else if (!absl::IsNotFound(found.status())) {
      return found.status();
    }
  }
  for (int r = result.run_size(); r < static_cast<int>(plan.size()); ++r) {
    if (plan[r].loss_size() == 0) {
      RETURN_IF_ERROR(model->Reset(optimizer, parameters));
    }
    RunTrainer trainer(cell, sequences, model, std::move(plan[r]));
    while (!trainer.done()) {
      const bool between_runs = trainer.steps_done() == 0;
      if (!options.checkpoint.empty() &&
          (between_runs ? r > 0
                        : options.checkpoint_due && options.checkpoint_due())) {
        trainer.Settle();
        if (trainer.done()) break;
        *checkpoint.mutable_current() = trainer.run();
        RETURN_IF_ERROR(SaveCheckpoint(options.checkpoint, checkpoint,
                                       between_runs ? nullptr : model));
      }
      RETURN_IF_ERROR(trainer.Step());
      if (options.progress) {
        options.progress(trainer, r, static_cast<int>(plan.size()));
      }
    }
    *result.add_run() = trainer.Finish();
    *checkpoint.add_finished() = result.run(r);
  }
  SelectGpt2Runs(&result);
  return result;
}

}  // namespace anisograd
