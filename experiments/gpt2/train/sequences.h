#ifndef EXPERIMENTS_GPT2_TRAIN_SEQUENCES_H_
#define EXPERIMENTS_GPT2_TRAIN_SEQUENCES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/instruction_tokens.h"
#include "experiments/gpt2/net/token_batch.h"
#include "experiments/gpt2/spec/spec.pb.h"

namespace anisograd {

// Some sequences, one after the other, as arrays that TokenBatch can show.
struct SequenceBatch {
  std::vector<int32_t> tokens;
  std::vector<int32_t> targets;
  std::vector<int64_t> starts = {0};
  // Tokens that are not padding.
  int64_t real_tokens = 0;

  int64_t sequences() const { return static_cast<int64_t>(starts.size()) - 1; }
  // Tokens with a target.
  int64_t counted_tokens() const;
  void Clear();
};

// An instruction set as what a step is made of: sequences, in one of the spec's
// modes (Gpt2Protocol::SequenceMode). Every token's target is the next token of
// its sequence; the last has none, and with mask_prompt neither has a token
// whose successor belongs to the prompt.
class SequenceSet {
 public:
  // `tokens` must outlive it. InvalidArgument where the mode leaves no
  // sequence, or none with a target.
  static absl::StatusOr<SequenceSet> Create(const InstructionTokens& tokens,
                                            const Gpt2Protocol& protocol);

  int64_t size() const { return static_cast<int64_t>(lengths_.size()); }
  // Tokens of sequence i by itself, padding included.
  int64_t length(int64_t i) const;
  // What each of some sequences that go together is padded to; 0: to nothing.
  int64_t PaddedLength(absl::Span<const int64_t> together) const;
  // Tokens of all sequences, without padding.
  int64_t real_tokens() const { return real_tokens_; }

  // Appends sequence i, of length(i) tokens or of `padded_length`, if that is
  // more.
  void Append(int64_t i, SequenceBatch* batch, int64_t padded_length = 0) const;

 private:
  SequenceSet(const InstructionTokens* tokens, const Gpt2Protocol& protocol)
      : tokens_(tokens),
        mode_(protocol.sequence_mode()),
        mask_prompt_(protocol.mask_prompt()),
        sequence_length_(protocol.sequence_length()) {}

  const InstructionTokens* tokens_;
  Gpt2Protocol::SequenceMode mode_;
  bool mask_prompt_;
  int64_t sequence_length_;
  // Sequence i is lengths_[i] tokens from firsts_[i].
  std::vector<int64_t> firsts_;
  std::vector<int64_t> lengths_;
  int64_t real_tokens_ = 0;
};

// In which order steps take the sequences: a fresh permutation every epoch, cut
// into batches. A pure function of (seed, epoch).
class SequenceOrder {
 public:
  SequenceOrder(int64_t sequences, int64_t batch_size, uint64_t seed,
                LogisticProtocol::LastBatch last_batch);

  // 0 where DROP leaves nothing.
  int64_t steps_per_epoch() const { return steps_per_epoch_; }
  // The sequences of a step, steps_per_epoch() > 0; with KEEP, an epoch's last
  // step has what is left, at most batch_size. Valid until the next call.
  absl::Span<const int64_t> Step(int64_t step);

 private:
  int64_t batch_size_;
  uint64_t seed_;
  int64_t steps_per_epoch_;
  int64_t epoch_ = -1;
  std::vector<int64_t> permutation_;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_TRAIN_SEQUENCES_H_
