#include "experiments/gpt2/train/sequences.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tools/base/random.h"

namespace anisograd {

int64_t SequenceBatch::counted_tokens() const {
  return static_cast<int64_t>(targets.size()) -
         std::count(targets.begin(), targets.end(), kNoTarget);
}

void SequenceBatch::Clear() {
  tokens.clear();
  targets.clear();
  starts.assign(1, 0);
  real_tokens = 0;
}

absl::StatusOr<SequenceSet> SequenceSet::Create(const InstructionTokens& tokens,
                                                const Gpt2Protocol& protocol) {
  const int64_t most = protocol.sequence_length();
  SequenceSet set(&tokens, protocol);
  if (protocol.sequence_mode() == Gpt2Protocol::BLOCKS) {
    const int64_t all = static_cast<int64_t>(tokens.tokens.size());
    for (int64_t first = 0; first + most <= all; first += most) {
      set.firsts_.push_back(first);
      set.lengths_.push_back(most);
    }
  } else {
    for (int64_t i = 0; i < tokens.examples(); ++i) {
      set.firsts_.push_back(tokens.offsets[i]);
      set.lengths_.push_back(
          std::min(most, tokens.offsets[i + 1] - tokens.offsets[i]));
    }
  }
  SequenceBatch batch;
  bool any_target = false;
  for (int64_t i = 0; i < set.size(); ++i) {
    set.real_tokens_ += set.lengths_[i];
    if (any_target) continue;
    batch.Clear();
    set.Append(i, &batch);
    any_target = batch.counted_tokens() > 0;
  }
  if (!any_target) {
    return absl::InvalidArgumentError(absl::StrCat(
        "protocol.sequence_length: no sequence of length ", most,
        " with a token to predict in ", tokens.examples(), " examples"));
  }
  return set;
}

int64_t SequenceSet::length(int64_t i) const {
  return mode_ == Gpt2Protocol::PADDED ? sequence_length_ : lengths_[i];
}

int64_t SequenceSet::PaddedLength(absl::Span<const int64_t> together) const {
  if (mode_ != Gpt2Protocol::PADDED_TO_LONGEST) return 0;
  int64_t longest = 0;
  for (const int64_t i : together) longest = std::max(longest, lengths_[i]);
  return longest;
}

void SequenceSet::Append(int64_t i, SequenceBatch* batch,
                         int64_t padded_length) const {
  const int64_t first = firsts_[i];
  const int64_t n = lengths_[i];
  // Tokens before this one, from `first`, are not to be predicted.
  const int64_t masked = mask_prompt_ ? tokens_->prompt_lengths[i] : 0;
  for (int64_t k = 0; k < n; ++k) {
    batch->tokens.push_back(tokens_->tokens[first + k]);
    batch->targets.push_back(k + 1 < n && k + 1 >= masked
                                 ? tokens_->tokens[first + k + 1]
                                 : kNoTarget);
  }
  const size_t padding =
      static_cast<size_t>(std::max(length(i), padded_length) - n);
  batch->tokens.insert(batch->tokens.end(), padding, tokens_->end_of_text);
  batch->targets.insert(batch->targets.end(), padding, kNoTarget);
  batch->starts.push_back(static_cast<int64_t>(batch->tokens.size()));
  batch->real_tokens += n;
}

SequenceOrder::SequenceOrder(int64_t sequences, int64_t batch_size,
                             uint64_t seed,
                             LogisticProtocol::LastBatch last_batch)
    : batch_size_(batch_size),
      seed_(seed),
      steps_per_epoch_(last_batch == LogisticProtocol::DROP
                           ? sequences / batch_size
                           : sequences / batch_size +
                                 (sequences % batch_size == 0 ? 0 : 1)),
      permutation_(static_cast<size_t>(sequences)) {}

absl::Span<const int64_t> SequenceOrder::Step(int64_t step) {
  const int64_t epoch = step / steps_per_epoch_;
  if (epoch != epoch_) {
    std::iota(permutation_.begin(), permutation_.end(), int64_t{0});
    Shuffle(RandomStream(seed_, RandomPurpose::kShuffle,
                         static_cast<uint32_t>(epoch)),
            permutation_.data(), permutation_.size());
    epoch_ = epoch;
  }
  // subspan() ends where the permutation ends: the last batch may be shorter.
  return absl::MakeConstSpan(permutation_)
      .subspan(static_cast<size_t>(step % steps_per_epoch_ * batch_size_),
               static_cast<size_t>(batch_size_));
}

}  // namespace anisograd
