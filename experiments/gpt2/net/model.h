#ifndef EXPERIMENTS_GPT2_NET_MODEL_H_
#define EXPERIMENTS_GPT2_NET_MODEL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "experiments/gpt2/net/block_activations.h"
#include "experiments/gpt2/net/language_model.h"
#include "experiments/gpt2/net/matrix_view.h"
#include "experiments/gpt2/net/model_dropout.h"
#include "tools/base/aligned_buffer.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// GPT-2 on the CPU: the reference. T = float trains; T = double checks
// gradients.
//
//   x_0     = dropout(wte[tokens] + wpe[positions])
//   mid_l   = x_l + dropout(attention(ln_1(x_l) W_qkv + b) W_o + b)
//   x_{l+1} = mid_l + dropout(gelu(ln_2(mid_l) W_fc + b) W_proj + b)
//   logits  = ln_f(x_L) wte^T
// with Hugging Face's semantics.
//
// Reproducibility: losses and gradients are the same bits for any number of
// threads, run to run, on any x86-64-v3 machine and with vectors of any width
// (vector_loops.h).
//
// Memory, in elements of T, for N parameters, a batch of n tokens, L layers,
// width C, h heads and vocabulary V: 2 N for parameters and gradients,
// n L (16 C + h + 4) for activations, 10 n C for what the backward pass needs at
// one time, 256 (V + C) for the head. GPT-2 124M in float: 0.95 GiB, 0.59 MB for
// every token of a micro-batch, and 0.05 GiB; 1.3 GiB at 512 tokens, to which
// AdaGrad adds 0.46 GiB.
template <typename T>
class Gpt2 : public LanguageModel {
 public:
  // `config` must be valid; `pool` must outlive the model. Parameters are zero.
  Gpt2(const Gpt2Config& config, ThreadPool* pool);

  const Gpt2Config& config() const override { return config_; }
  const ParameterLayout& layout() const override { return layout_; }
  void SetParameters(absl::Span<const float> parameters) override;
  void GetParameters(absl::Span<float> parameters) const override;
  void GetGradients(absl::Span<float> gradients) const override;
  void ZeroGradients() override;
  absl::StatusOr<LossSum> Loss(const TokenBatch& batch) override;
  absl::StatusOr<LossSum> LossAndGradient(const TokenBatch& batch,
                                          const std::optional<DropoutKey>& key,
                                          double scale) override;

  // In place, for update rules that run here.
  absl::Span<T> parameters() { return parameters_.span(); }
  absl::Span<T> gradients() { return gradients_.span(); }

  // All logits [tokens, V] of a batch, without dropout. For tests and for
  // looking at single examples: nothing else ever holds them all.
  absl::StatusOr<std::vector<T>> Logits(const TokenBatch& batch);

 private:
  using Activations = BlockActivations<T, T>;
  // Each block's parameters or gradients; U = const T or T.
  template <typename U>
  struct BlockTensors {
    U *ln1_weight, *ln1_bias;
    MatrixView<U> attention_weight;
    U* attention_bias;
    MatrixView<U> projection_weight;
    U* projection_bias;
    U *ln2_weight, *ln2_bias;
    MatrixView<U> hidden_weight;
    U* hidden_bias;
    MatrixView<U> output_weight;
    U* output_bias;
  };
  template <typename U>
  BlockTensors<U> Block(U* flat, int64_t layer) const;
  // Lays out the arena for a batch of `tokens`, growing it where needed.
  void PlaceActivations(int64_t tokens);

  // From the batch to ln_f's output, final_.
  void Forward(const TokenBatch& batch, const ModelDropout& dropout);
  void BlockForward(const TokenBatch& batch, const ModelDropout& dropout,
                    int layer, const Activations& a, MatrixView<T> x_out);
  // From dL/d(ln_f's output), in dbranch_, back to the embeddings.
  void Backward(const TokenBatch& batch, const ModelDropout& dropout);
  // dx_ holds dL/dx_{l+1} before and dL/dx_l after.
  void BlockBackward(const TokenBatch& batch, const ModelDropout& dropout,
                     int layer, const Activations& a);

  const Gpt2Config config_;
  const ParameterLayout layout_;
  ThreadPool* const pool_;
  AlignedBuffer<T> parameters_;
  AlignedBuffer<T> gradients_;

  AlignedBuffer<char> arena_;
  std::vector<Activations> blocks_;
  // x_L and ln_f of it.
  MatrixView<T> last_, final_;
  T *final_mean_ = nullptr, *final_rstd_ = nullptr;
  // [tokens, C] for the gradient of the residual stream and for that of one
  // branch; [tokens, 4C] twice for what is inside a branch.
  MatrixView<T> dx_, dbranch_, dwide_, dwide2_;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_MODEL_H_
