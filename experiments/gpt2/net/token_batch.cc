#include "experiments/gpt2/net/token_batch.h"

#include <cstddef>

#include "absl/strings/str_cat.h"

namespace anisograd {
namespace {

template <typename... Parts>
absl::Status Bad(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat("batch: ", parts...));
}

}  // namespace

absl::Status ValidateTokenBatch(const Gpt2Config& config,
                                const TokenBatch& batch) {
  if (batch.targets.size() != batch.tokens.size()) {
    return Bad(batch.tokens.size(), " tokens, but ", batch.targets.size(),
               " targets");
  }
  if (batch.starts.empty() || batch.starts.front() != 0 ||
      batch.starts.back() != batch.size()) {
    return Bad("sequence starts must go from 0 to ", batch.size());
  }
  if (batch.first_token < 0) return Bad("first token is negative");
  for (size_t s = 0; s + 1 < batch.starts.size(); ++s) {
    const int64_t length = batch.starts[s + 1] - batch.starts[s];
    if (length < 1 || length > config.context()) {
      return Bad("sequence ", s, " has ", length, " tokens; must be in [1, ",
                 config.context(), "]");
    }
  }
  for (size_t i = 0; i < batch.tokens.size(); ++i) {
    if (batch.tokens[i] < 0 || batch.tokens[i] >= config.vocabulary()) {
      return Bad("token ", i, " is ", batch.tokens[i], "; must be in [0, ",
                 config.vocabulary(), ")");
    }
    if (batch.targets[i] != kNoTarget &&
        (batch.targets[i] < 0 || batch.targets[i] >= config.vocabulary())) {
      return Bad("target ", i, " is ", batch.targets[i], "; must be in [0, ",
                 config.vocabulary(), ") or ", kNoTarget);
    }
  }
  return absl::OkStatus();
}

}  // namespace anisograd
