#ifndef EXPERIMENTS_GPT2_NET_LANGUAGE_MODEL_H_
#define EXPERIMENTS_GPT2_NET_LANGUAGE_MODEL_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/gpt2/net/cross_entropy.h"
#include "experiments/gpt2/net/dropout.h"
#include "experiments/gpt2/net/parameters.h"
#include "experiments/gpt2/net/token_batch.h"

namespace anisograd {

// A GPT-2 on some device, as trainer and analysis see it. Parameters and
// gradients are flat arrays in the order of layout(), on the device; the copies
// below are in single precision, whatever the device computes in.
class LanguageModel {
 public:
  virtual ~LanguageModel() = default;

  virtual const Gpt2Config& config() const = 0;
  virtual const ParameterLayout& layout() const = 0;

  // Each array has layout().size() elements.
  virtual void SetParameters(absl::Span<const float> parameters) = 0;
  virtual void GetParameters(absl::Span<float> parameters) const = 0;
  virtual void GetGradients(absl::Span<float> gradients) const = 0;

  virtual void ZeroGradients() = 0;

  // The loss over the batch's tokens with a target, without dropout. Changes
  // neither parameters nor gradients. InvalidArgument for a batch that does not
  // fit the model (ValidateTokenBatch).
  virtual absl::StatusOr<LossSum> Loss(const TokenBatch& batch) = 0;

  // The same with dropout by `key`, if any, and
  //   gradients += scale * d(sum of losses)/d(parameters).
  // With scale = 1 / (tokens with a target in the whole step), the calls for
  // the micro-batches of a step add up to the gradient of the mean loss.
  virtual absl::StatusOr<LossSum> LossAndGradient(
      const TokenBatch& batch, const std::optional<DropoutKey>& key,
      double scale) = 0;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_LANGUAGE_MODEL_H_
