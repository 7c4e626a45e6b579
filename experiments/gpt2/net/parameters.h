#ifndef EXPERIMENTS_GPT2_NET_PARAMETERS_H_
#define EXPERIMENTS_GPT2_NET_PARAMETERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "experiments/gpt2/net/config.pb.h"
#include "experiments/gpt2/net/matrix_view.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// One tensor's place in the flat array of all parameters.
struct ParameterTensor {
  // Hugging Face's name without "transformer.", like "h.0.attn.c_attn.weight".
  std::string name;
  // Row-major. Weights of linear layers are [inputs, outputs], as the layer
  // "Conv1D" of the original has them: y = x W + b.
  std::vector<int64_t> shape;
  // In elements; a multiple of 16, so that every tensor is aligned to 64 bytes
  // in an array that is.
  int64_t offset = 0;
  // Product of the shape.
  int64_t size = 0;
};

// A weight in a flat array of parameters or gradients.
template <typename T>
MatrixView<T> TensorView(T* flat, const ParameterTensor& tensor) {
  return {flat + tensor.offset, tensor.shape[0], tensor.shape[1]};
}

// The tensors of one transformer block, in the order they are stored.
enum class BlockTensor {
  kLn1Weight,
  kLn1Bias,
  kAttentionWeight,  // c_attn, [C, 3C]: query, key, value side by side
  kAttentionBias,
  kAttentionProjectionWeight,  // [C, C]
  kAttentionProjectionBias,
  kLn2Weight,
  kLn2Bias,
  kFeedForwardWeight,  // c_fc, [C, 4C]
  kFeedForwardBias,
  kFeedForwardProjectionWeight,  // [4C, C]
  kFeedForwardProjectionBias,
};

// How the parameters of a model lie in one flat array of floats. Gradients and
// optimizer state lie the same way. Elements between tensors (none for usual
// widths) are zeros that nothing reads, and stay zero under every update rule.
// The head is tied: logits = h wte^T, so there is no tensor for it.
class ParameterLayout {
 public:
  // `config` must be valid.
  explicit ParameterLayout(const Gpt2Config& config);

  // wte.weight [V, C], wpe.weight [context, C], the blocks, ln_f.
  absl::Span<const ParameterTensor> tensors() const { return tensors_; }
  // Elements of the flat array.
  int64_t size() const { return size_; }
  // Parameters: `size` without the gaps.
  int64_t parameter_count() const;

  const ParameterTensor& token_embedding() const { return tensors_[0]; }
  const ParameterTensor& position_embedding() const { return tensors_[1]; }
  const ParameterTensor& block(int64_t layer, BlockTensor tensor) const {
    return tensors_[static_cast<size_t>(2 + 12 * layer) +
                    static_cast<size_t>(tensor)];
  }
  const ParameterTensor& final_norm_weight() const {
    return tensors_[tensors_.size() - 2];
  }
  const ParameterTensor& final_norm_bias() const { return tensors_.back(); }

  // nullptr where no tensor has the name.
  const ParameterTensor* Find(absl::string_view name) const;

 private:
  void Add(std::string name, std::vector<int64_t> shape);

  std::vector<ParameterTensor> tensors_;
  int64_t size_ = 0;
};

// GPT-2's initialisation as in Hugging Face transformers: biases 0, layer norm
// weights 1, all other weights N(0, initializer_range^2), except that the two
// projections into the residual stream of each block have their standard
// deviation divided by sqrt(2 layers). Element i of tensor t is a pure function
// of (seed, t, i), whoever draws it: the pool's threads, or without one the
// caller. `parameters` has the layout's size.
void InitializeParameters(const Gpt2Config& config,
                          const ParameterLayout& layout, uint64_t seed,
                          absl::Span<float> parameters,
                          ThreadPool* pool = nullptr);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_PARAMETERS_H_
