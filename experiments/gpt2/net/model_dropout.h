#ifndef EXPERIMENTS_GPT2_NET_MODEL_DROPOUT_H_
#define EXPERIMENTS_GPT2_NET_MODEL_DROPOUT_H_

#include <optional>

#include "experiments/gpt2/net/config.pb.h"
#include "experiments/gpt2/net/dropout.h"

namespace anisograd {

// The dropout of a whole GPT-2 in one step, by the config's probabilities; none
// anywhere without a key. What every device's model drops by.
class ModelDropout {
 public:
  ModelDropout(const Gpt2Config& config, const std::optional<DropoutKey>& key)
      : key_(key),
        embedding_(config.embedding_dropout()),
        attention_(config.attention_dropout()),
        residual_(config.residual_dropout()) {}

  Dropout Embedding() const {
    return At(0, DropoutSite::kEmbedding, embedding_);
  }
  Dropout Attention(int layer) const {
    return At(layer, DropoutSite::kAttention, attention_);
  }
  Dropout AttentionResidual(int layer) const {
    return At(layer, DropoutSite::kAttentionResidual, residual_);
  }
  Dropout FeedForwardResidual(int layer) const {
    return At(layer, DropoutSite::kFeedForwardResidual, residual_);
  }

 private:
  Dropout At(int layer, DropoutSite site, double p) const {
    return key_.has_value() ? Dropout(*key_, layer, site, p) : Dropout();
  }

  std::optional<DropoutKey> key_;
  double embedding_, attention_, residual_;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_MODEL_DROPOUT_H_
