#ifndef EXPERIMENTS_GPT2_NET_CUDA_MODEL_H_
#define EXPERIMENTS_GPT2_NET_CUDA_MODEL_H_

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "experiments/gpt2/net/cuda/activations.h"
#include "experiments/gpt2/net/cuda/attention.h"
#include "experiments/gpt2/net/cuda/device_batch.h"
#include "experiments/gpt2/net/cuda/matrix_product.h"
#include "experiments/gpt2/net/language_model.h"
#include "experiments/gpt2/net/model_dropout.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/event.h"
#include "tools/cuda/pinned_buffer.h"

namespace anisograd {
namespace cuda {

struct Gpt2CudaOptions {
  // Of products where A = float.
  SinglePrecision single_precision = SinglePrecision::kFloat32;
  // Rows whose logits exist at one time. The last bits depend on it, as it sets
  // an order of summation.
  int64_t head_rows = 2048;
};

// GPT-2 on a GPU; formulas in experiments/gpt2/net/model.h. Parameters, gradients
// and the residual stream are in single precision; branches are in A = float or
// __nv_bfloat16, which then has a rounded copy of the parameters. Needs what
// attention.h and layer_norm.h need: heads of 64 columns in bf16.
//
// Speed: the floor is 6 operations a parameter and token at the tensor cores'
// rate, beside what attention and the head's softmax add. Everything between
// two products is one kernel each way, and the host runs ahead: it waits for
// the losses alone, behind which the whole way back is already in the stream,
// so that it prepares the next batch while the device works.
//
// Determinism: run to run, on one kind of GPU with one release of CUDA. The
// elements that dropout zeroes are the CPU's.
//
// Errors of the device end the program where LanguageModel has no way to
// return them. All work is on stream().
template <typename A>
class Gpt2Cuda : public LanguageModel {
 public:
  // `config` must be valid. Parameters and gradients are zero.
  // InvalidArgument where the kernels cannot take the config, naming the field;
  // ResourceExhausted where the device's memory does not suffice.
  static absl::StatusOr<std::unique_ptr<Gpt2Cuda>> Create(
      const Gpt2Config& config, const Gpt2CudaOptions& options);

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

  // For update rules on the device, in the order of layout(). Whoever changes
  // the parameters also writes them, rounded, to rounded_parameters(), which is
  // null where A = float.
  float* parameters() { return parameters_.data(); }
  const float* gradients() const { return gradients_.data(); }
  __nv_bfloat16* rounded_parameters() { return rounded_.data(); }
  cudaStream_t stream() const { return nullptr; }

 private:
  Gpt2Cuda(const Gpt2Config& config, const Gpt2CudaOptions& options,
           MatrixMultiplier multiplier, DeviceBatch batch, Event losses_copied);

  // The parameters as products read them.
  const A* weights() const;
  // One tensor of a block's parameters or gradients.
  const float* Vector(int layer, BlockTensor tensor) const;
  float* Gradient(int layer, BlockTensor tensor);
  AttentionBatch AttentionOf() const;

  // y = x W + b; with `gelu_input`, that is x W + b, and y = gelu of it.
  absl::Status Linear(int layer, BlockTensor weight, BlockTensor bias,
                      MatrixView<const A> x, A* gelu_input, MatrixView<A> y);
  // Adds to the gradients of W and b; dx = dy W^T, times gelu'(gelu_input)
  // where there is one.
  absl::Status LinearBackward(int layer, BlockTensor weight, BlockTensor bias,
                              MatrixView<const A> dy, MatrixView<const A> x,
                              A* gelu_input, MatrixView<A> dx);
  // A block's first or second layer norm, of the stream after dropout(branch)
  // is added; without a branch, of the stream as it is.
  absl::Status Norm(int layer, bool second, MatrixView<const float> x_in,
                    MatrixView<const A> branch, const Dropout& dropout);
  absl::Status NormBackward(int layer, bool second, const Dropout& dropout,
                            MatrixView<A> dbranch);

  // From the batch to ln_f's output.
  absl::Status Forward(const TokenBatch& batch, const ModelDropout& dropout);
  // Starts the copy of the losses to the host, and, where there is a scale,
  // goes back as far as ln_f's output.
  absl::Status Head(const std::optional<double>& scale);
  absl::Status Backward(const ModelDropout& dropout);
  absl::Status BlockBackward(const ModelDropout& dropout, int layer);
  // Waits for the losses.
  absl::StatusOr<LossSum> Losses();

  const Gpt2Config config_;
  const ParameterLayout layout_;
  const Gpt2CudaOptions options_;
  MatrixMultiplier multiplier_;
  DeviceBuffer<float> parameters_, gradients_;
  // Empty where A = float.
  DeviceBuffer<__nv_bfloat16> rounded_;

  DeviceBatch batch_;
  // Number of the batch's first token within the step.
  int64_t first_token_ = 0;
  Activations<A> activations_;
  PinnedBuffer<double> losses_;
  Event losses_copied_;
};

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_MODEL_H_
