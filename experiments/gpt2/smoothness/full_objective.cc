#include "experiments/gpt2/smoothness/full_objective.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tools/base/status_macros.h"

namespace anisograd {

absl::StatusOr<FullObjective> FullObjective::Create(
    const SequenceSet& sequences, int64_t count, int64_t stride,
    int64_t tokens_per_pass) {
  const int64_t given = (sequences.size() + stride - 1) / stride;
  if (count > given) {
    return absl::InvalidArgumentError(absl::StrCat(
        "sequences: ", count, " of the ", given, " that the data give"));
  }
  FullObjective objective;
  objective.sequences_ = count == 0 ? given : count;
  for (int64_t n = 0; n < objective.sequences_; ++n) {
    const int64_t i = n * stride;
    const int64_t length = sequences.length(i);
    if (objective.passes_.empty() ||
        static_cast<int64_t>(objective.passes_.back().tokens.size()) + length >
            tokens_per_pass) {
      objective.passes_.emplace_back();
    }
    sequences.Append(i, &objective.passes_.back());
    objective.longest_ = std::max(objective.longest_, length);
  }
  std::set<int32_t> ids;
  for (const SequenceBatch& pass : objective.passes_) {
    objective.real_tokens_ += pass.real_tokens;
    objective.counted_tokens_ += pass.counted_tokens();
    ids.insert(pass.tokens.begin(), pass.tokens.end());
  }
  objective.token_ids_.assign(ids.begin(), ids.end());
  if (objective.counted_tokens_ == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("sequences: the first ", objective.sequences_,
                     " have no token to predict"));
  }
  return objective;
}

absl::StatusOr<double> FullObjective::LossAndGradient(
    LanguageModel* model) const {
  const double scale = 1.0 / static_cast<double>(counted_tokens_);
  LossSum loss;
  model->ZeroGradients();
  for (const SequenceBatch& pass : passes_) {
    TokenBatch batch;
    batch.tokens = pass.tokens;
    batch.targets = pass.targets;
    batch.starts = pass.starts;
    ASSIGN_OR_RETURN(const LossSum part,
                     model->LossAndGradient(batch, std::nullopt, scale));
    loss += part;
  }
  return loss.sum * scale;
}

}  // namespace anisograd
