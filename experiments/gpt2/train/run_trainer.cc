#include "experiments/gpt2/train/run_trainer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "experiments/gpt2/net/parameters_digest.h"
#include "experiments/gpt2/spec/experiment_spec.h"
#include "optim/schedule.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Tokens with a target in some sequences.
int64_t CountedTokens(const SequenceSet& sequences,
                      absl::Span<const int64_t> which, SequenceBatch* batch) {
  batch->Clear();
  for (const int64_t i : which) sequences.Append(i, batch);
  return batch->counted_tokens();
}

}  // namespace

RunTrainer::RunTrainer(const Gpt2ExperimentSpec& cell,
                       const SequenceSet& sequences, TrainableModel* model,
                       Gpt2Run run)
    : protocol_(cell.protocol()),
      optimizer_(cell.method(0).optimizer()),
      sequences_(sequences),
      model_(model),
      order_(sequences.size(), SequencesPerStep(cell), run.seed(),
             cell.protocol().last_batch()),
      total_steps_(order_.steps_per_epoch() * cell.protocol().epochs()),
      run_(std::move(run)) {
  run_.set_steps_per_epoch(order_.steps_per_epoch());
}

bool RunTrainer::done() const {
  return run_.outcome() == Run::EXPLODED || steps_done() >= total_steps_;
}

double RunTrainer::learning_rate() const {
  return run_.learning_rate() *
         ScheduleFactor(run_.schedule(), steps_done(), total_steps_);
}

absl::StatusOr<LossSum> RunTrainer::MicroBatch(
    absl::Span<const int64_t> sequences, double scale, int64_t* first_token) {
  DropoutKey key;
  key.seed = run_.seed();
  key.step = static_cast<uint32_t>(steps_done());
  LossSum loss;
  const int64_t padded = sequences_.PaddedLength(sequences);
  size_t next = 0;
  while (next < sequences.size()) {
    batch_.Clear();
    do {
      sequences_.Append(sequences[next++], &batch_, padded);
    } while (next < sequences.size() &&
             static_cast<int64_t>(batch_.tokens.size()) +
                     std::max(sequences_.length(sequences[next]), padded) <=
                 protocol_.tokens_per_pass());
    TokenBatch batch;
    batch.tokens = batch_.tokens;
    batch.targets = batch_.targets;
    batch.starts = batch_.starts;
    batch.first_token = *first_token;
    *first_token += batch.size();
    run_.set_tokens(run_.tokens() + batch_.real_tokens);
    ASSIGN_OR_RETURN(const LossSum part,
                     model_->model().LossAndGradient(batch, key, scale));
    loss += part;
  }
  return loss;
}

absl::StatusOr<double> RunTrainer::LossAndGradient() {
  const absl::Span<const int64_t> sequences = order_.Step(steps_done());
  const size_t micro = static_cast<size_t>(
      std::min(protocol_.micro_batch_size(),
               static_cast<int64_t>(sequences.size())));
  const bool by_micro_batch =
      protocol_.accumulation() == Gpt2Protocol::MEAN_OF_MICRO_BATCHES;
  const int64_t micro_batches =
      static_cast<int64_t>((sequences.size() + micro - 1) / micro);
  const int64_t all_counted =
      by_micro_batch ? 0 : CountedTokens(sequences_, sequences, &batch_);

  model_->model().ZeroGradients();
  double loss = 0.0;
  int64_t first_token = 0;
  for (size_t begin = 0; begin < sequences.size(); begin += micro) {
    const absl::Span<const int64_t> part = sequences.subspan(begin, micro);
    const int64_t divisor =
        by_micro_batch
            ? CountedTokens(sequences_, part, &batch_) * micro_batches
            : all_counted;
    // Sequences that a mask leaves nothing of have no loss.
    const double scale =
        divisor == 0 ? 0.0 : 1.0 / static_cast<double>(divisor);
    ASSIGN_OR_RETURN(const LossSum sum, MicroBatch(part, scale, &first_token));
    loss += sum.sum * scale;
  }
  return loss;
}

absl::Status RunTrainer::Step() {
  const int64_t tokens = run_.tokens();
  ASSIGN_OR_RETURN(const double loss, LossAndGradient());
  Settle();
  if (done()) {
    run_.set_tokens(tokens);
    return absl::OkStatus();
  }
  const double rate = learning_rate();
  run_.add_loss(static_cast<float>(loss));
  if (!std::isfinite(loss)) {
    run_.add_gradient_norm(static_cast<float>(model_->GradientNorm()));
    Explode("loss");
    return absl::OkStatus();
  }
  model_->Step(rate, protocol_.max_gradient_norm());
  unsettled_ = true;
  if (!model_->runs_ahead() || done()) Settle();
  return absl::OkStatus();
}

void RunTrainer::Settle() {
  if (!unsettled_) return;
  unsettled_ = false;
  const double norm = model_->StepNorm();
  run_.add_gradient_norm(static_cast<float>(norm));
  if (!std::isfinite(norm)) {
    Explode("gradient norm");
  } else if (protocol_.max_gradient_norm() > 0.0 &&
             norm > protocol_.max_gradient_norm()) {
    run_.set_clipped_steps(run_.clipped_steps() + 1);
  }
}

void RunTrainer::Explode(const char* what) {
  run_.set_outcome(Run::EXPLODED);
  run_.set_explosion_step(steps_done() - 1);
  run_.set_explosion_reason(absl::StrCat(what, " is not finite"));
}

Gpt2Run RunTrainer::Finish() {
  run_.set_parameters_digest(ParametersDigest(model_->model()));
  if (run_.outcome() == Run::EXPLODED) return run_;
  run_.set_outcome(Run::CONVERGED);
  const int64_t first =
      protocol_.reported_loss() == Gpt2Protocol::MEAN_OF_LAST_EPOCH
          ? total_steps_ - order_.steps_per_epoch()
          : 0;
  double sum = 0.0;
  for (int64_t t = first; t < total_steps_; ++t) sum += run_.loss(t);
  run_.set_reported_loss(sum / static_cast<double>(total_steps_ - first));
  return run_;
}

}  // namespace anisograd
