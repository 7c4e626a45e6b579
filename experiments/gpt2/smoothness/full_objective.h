#ifndef EXPERIMENTS_GPT2_SMOOTHNESS_FULL_OBJECTIVE_H_
#define EXPERIMENTS_GPT2_SMOOTHNESS_FULL_OBJECTIVE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "experiments/gpt2/net/language_model.h"
#include "experiments/gpt2/train/sequences.h"

namespace anisograd {

// f(w) = the mean loss, without dropout, over all tokens with a target of some
// sequences of a set: what a full gradient is the gradient of.
class FullObjective {
 public:
  // Of the sequences 0, stride, 2 stride, ..., stride > 0, the first `count`, all
  // where it is 0. Up to `tokens_per_pass` tokens, at least one sequence, go
  // through the model at one time. InvalidArgument where there are fewer than
  // `count`, or none of them has a token with a target.
  static absl::StatusOr<FullObjective> Create(const SequenceSet& sequences,
                                              int64_t count, int64_t stride,
                                              int64_t tokens_per_pass);

  // f at the model's parameters; leaves grad f in its gradients. The order of
  // summation is that of the sequences.
  absl::StatusOr<double> LossAndGradient(LanguageModel* model) const;

  int64_t sequences() const { return sequences_; }
  // Without padding.
  int64_t real_tokens() const { return real_tokens_; }
  // The ids that occur, ascending, and the length of the longest sequence:
  // which rows of the two embeddings the data touch.
  const std::vector<int32_t>& token_ids() const { return token_ids_; }
  int64_t longest() const { return longest_; }

 private:
  FullObjective() = default;

  std::vector<SequenceBatch> passes_;
  int64_t sequences_ = 0;
  int64_t real_tokens_ = 0;
  int64_t counted_tokens_ = 0;
  int64_t longest_ = 0;
  std::vector<int32_t> token_ids_;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_SMOOTHNESS_FULL_OBJECTIVE_H_
