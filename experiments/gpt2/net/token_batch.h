#ifndef EXPERIMENTS_GPT2_NET_TOKEN_BATCH_H_
#define EXPERIMENTS_GPT2_NET_TOKEN_BATCH_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "experiments/gpt2/net/config.pb.h"

namespace anisograd {

// What stands in TokenBatch::targets where the loss does not count a token.
constexpr int32_t kNoTarget = -1;

// A batch of token sequences, one after the other without padding. Sequence s
// is tokens[starts[s] .. starts[s + 1]), has positions 0, 1, 2, ..., and
// attends only within itself. The sequence modes differ in offsets alone:
// packed without crossing has one sequence per example, packed blocks that
// cross examples one per block, padded sequences all have one length, with
// tokens without target behind the example.
struct TokenBatch {
  absl::Span<const int32_t> tokens;
  // From 0 to tokens.size(), strictly increasing.
  absl::Span<const int64_t> starts;
  // The token that each token is to predict, or kNoTarget.
  absl::Span<const int32_t> targets;
  // Number of tokens of the same step before this micro-batch, which dropout
  // counts by.
  int64_t first_token = 0;

  int64_t size() const { return static_cast<int64_t>(tokens.size()); }
  int64_t sequences() const { return static_cast<int64_t>(starts.size()) - 1; }
};

// InvalidArgument "batch: reason" where an id is out of the vocabulary, a
// sequence is empty or longer than the context, or the sizes do not fit.
absl::Status ValidateTokenBatch(const Gpt2Config& config,
                                const TokenBatch& batch);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_TOKEN_BATCH_H_
