#include "experiments/gpt2/net/cuda/model.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "experiments/gpt2/net/cuda/classifier.h"
#include "experiments/gpt2/net/cuda/column_sums.h"
#include "experiments/gpt2/net/cuda/elementwise.h"
#include "experiments/gpt2/net/cuda/layer_norm.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace cuda {
namespace {

void Download(const float* values, absl::Span<float> out) {
  DieUnlessOk(
      CudaStatus(cudaMemcpy(out.data(), values, out.size() * sizeof(float),
                            cudaMemcpyDeviceToHost),
                 "cudaMemcpy"));
}

template <typename T>
MatrixView<T> FirstRows(MatrixView<T> m, int64_t rows) {
  return m.Block(0, 0, rows, m.columns);
}

absl::Status CheckConfig(const Gpt2Config& config, bool bf16) {
  const auto invalid = [](absl::string_view field, auto... reason) {
    return absl::InvalidArgumentError(
        absl::StrCat("model.", field, ": ", reason..., " on CUDA"));
  };
  const int64_t head = config.width() / config.heads();
  if (bf16 && head != 64) {
    return invalid("heads", "must have 64 columns each in bf16, have ", head);
  }
  if (head % 4 != 0 || head > 128) {
    return invalid("heads", "must have a multiple of 4 columns, at most 128, ",
                   "have ", head);
  }
  if (config.width() % 8 != 0 || config.width() > kMaxLayerNormWidth) {
    return invalid("width", "must be a multiple of 8, at most ",
                   kMaxLayerNormWidth);
  }
  if (config.attention_dropout() > 0.0 && config.context() % 4 != 0) {
    return invalid("context", "must be a multiple of 4 with dropout");
  }
  return absl::OkStatus();
}

}  // namespace

template <typename A>
Gpt2Cuda<A>::Gpt2Cuda(const Gpt2Config& config, const Gpt2CudaOptions& options,
                      MatrixMultiplier multiplier, DeviceBatch batch,
                      Event losses_copied)
    : config_(config),
      layout_(config),
      options_(options),
      multiplier_(std::move(multiplier)),
      batch_(std::move(batch)),
      losses_copied_(std::move(losses_copied)) {}

template <typename A>
absl::StatusOr<std::unique_ptr<Gpt2Cuda<A>>> Gpt2Cuda<A>::Create(
    const Gpt2Config& config, const Gpt2CudaOptions& options) {
  constexpr bool kBf16 = !std::is_same<A, float>::value;
  RETURN_IF_ERROR(CheckConfig(config, kBf16));
  ASSIGN_OR_RETURN(MatrixMultiplier multiplier,
                   MatrixMultiplier::Create(options.single_precision));
  ASSIGN_OR_RETURN(DeviceBatch batch, DeviceBatch::Create());
  ASSIGN_OR_RETURN(Event losses_copied, Event::Create());
  auto model = std::unique_ptr<Gpt2Cuda>(
      new Gpt2Cuda(config, options, std::move(multiplier), std::move(batch),
                   std::move(losses_copied)));
  const int64_t size = model->layout_.size();
  ASSIGN_OR_RETURN(model->parameters_, DeviceBuffer<float>::Create(size));
  ASSIGN_OR_RETURN(model->gradients_, DeviceBuffer<float>::Create(size));
  if (kBf16) {
    ASSIGN_OR_RETURN(model->rounded_,
                     DeviceBuffer<__nv_bfloat16>::Create(size));
  }
  return model;
}

template <typename A>
void Gpt2Cuda<A>::SetParameters(absl::Span<const float> parameters) {
  DieUnlessOk(CudaStatus(
      cudaMemcpy(parameters_.data(), parameters.data(),
                 parameters.size() * sizeof(float), cudaMemcpyHostToDevice),
      "cudaMemcpy"));
  if (rounded_.size() == 0) return;
  DieUnlessOk(RoundToBf16(stream(), layout_.size(), parameters_.data(),
                          rounded_.data()));
}

template <typename A>
void Gpt2Cuda<A>::GetParameters(absl::Span<float> parameters) const {
  Download(parameters_.data(), parameters);
}

template <typename A>
void Gpt2Cuda<A>::GetGradients(absl::Span<float> gradients) const {
  Download(gradients_.data(), gradients);
}

template <typename A>
void Gpt2Cuda<A>::ZeroGradients() {
  DieUnlessOk(CudaStatus(
      cudaMemsetAsync(gradients_.data(), 0,
                      static_cast<size_t>(layout_.size()) * sizeof(float),
                      stream()),
      "cudaMemsetAsync"));
}

template <typename A>
const A* Gpt2Cuda<A>::weights() const {
  if constexpr (std::is_same<A, float>::value) {
    return parameters_.data();
  } else {
    return rounded_.data();
  }
}

template <typename A>
const float* Gpt2Cuda<A>::Vector(int layer, BlockTensor tensor) const {
  return parameters_.data() + layout_.block(layer, tensor).offset;
}

template <typename A>
float* Gpt2Cuda<A>::Gradient(int layer, BlockTensor tensor) {
  return gradients_.data() + layout_.block(layer, tensor).offset;
}

template <typename A>
AttentionBatch Gpt2Cuda<A>::AttentionOf() const {
  AttentionBatch b;
  b.heads = config_.heads();
  b.context = config_.context();
  b.first_token = first_token_;
  b.query_tiles = batch_.query_tiles();
  b.query_tile_count = batch_.query_tile_count();
  b.key_tiles = batch_.key_tiles();
  b.key_tile_count = batch_.key_tile_count();
  return b;
}

template <typename A>
absl::Status Gpt2Cuda<A>::Linear(int layer, BlockTensor weight,
                                 BlockTensor bias, MatrixView<const A> x,
                                 A* gelu_input, MatrixView<A> y) {
  EpilogueArguments<A> epilogue;
  epilogue.kind = gelu_input == nullptr ? Epilogue::kBias : Epilogue::kBiasGelu;
  epilogue.bias = weights() + layout_.block(layer, bias).offset;
  epilogue.pre = gelu_input;
  return multiplier_.Multiply<A, A>(
      stream(), Op::kAsIs, x, Op::kAsIs,
      TensorView(weights(), layout_.block(layer, weight)), Into::kOverwrite,
      epilogue, y);
}

template <typename A>
absl::Status Gpt2Cuda<A>::LinearBackward(int layer, BlockTensor weight,
                                         BlockTensor bias,
                                         MatrixView<const A> dy,
                                         MatrixView<const A> x, A* gelu_input,
                                         MatrixView<A> dx) {
  const ParameterTensor& w = layout_.block(layer, weight);
  RETURN_IF_ERROR((multiplier_.Multiply<A, float>(
      stream(), Op::kTransposed, x, Op::kAsIs, dy, Into::kAdd, {},
      TensorView(gradients_.data(), w))));
  RETURN_IF_ERROR(AddColumnSums<A>(stream(), dy, activations_.workspace,
                                   Gradient(layer, bias)));
  EpilogueArguments<A> epilogue;
  if (gelu_input != nullptr) epilogue.kind = Epilogue::kGeluGradient;
  epilogue.pre = gelu_input;
  return multiplier_.Multiply<A, A>(stream(), Op::kAsIs, dy, Op::kTransposed,
                                    TensorView(weights(), w), Into::kOverwrite,
                                    epilogue, dx);
}

template <typename A>
absl::Status Gpt2Cuda<A>::Norm(int layer, bool second,
                               MatrixView<const float> x_in,
                               MatrixView<const A> branch,
                               const Dropout& dropout) {
  const BlockActivations<float, A>& a = activations_.blocks[layer];
  const float epsilon = static_cast<float>(config_.layer_norm_epsilon());
  return LayerNormForward<A>(
      stream(), x_in, branch, DropoutParameters(dropout), first_token_,
      Vector(layer, second ? BlockTensor::kLn2Weight : BlockTensor::kLn1Weight),
      Vector(layer, second ? BlockTensor::kLn2Bias : BlockTensor::kLn1Bias),
      epsilon, second ? a.mid : a.x, second ? a.ln2 : a.ln1,
      second ? a.mean2 : a.mean1, second ? a.rstd2 : a.rstd1);
}

template <typename A>
absl::Status Gpt2Cuda<A>::NormBackward(int layer, bool second,
                                       const Dropout& dropout,
                                       MatrixView<A> dbranch) {
  const BlockActivations<float, A>& a = activations_.blocks[layer];
  const BlockTensor weight =
      second ? BlockTensor::kLn2Weight : BlockTensor::kLn1Weight;
  const BlockTensor bias =
      second ? BlockTensor::kLn2Bias : BlockTensor::kLn1Bias;
  return LayerNormBackward<A>(
      stream(), activations_.branch, second ? a.mid : a.x,
      Vector(layer, weight), second ? a.mean2 : a.mean1,
      second ? a.rstd2 : a.rstd1, true, DropoutParameters(dropout),
      first_token_, activations_.workspace, activations_.dx, dbranch,
      Gradient(layer, weight), Gradient(layer, bias));
}

template <typename A>
absl::Status Gpt2Cuda<A>::Forward(const TokenBatch& batch,
                                  const ModelDropout& dropout) {
  first_token_ = batch.first_token;
  RETURN_IF_ERROR(batch_.Place(stream(), config_, batch));
  RETURN_IF_ERROR(activations_.Place(config_, batch_, options_.head_rows));
  const float* const w = parameters_.data();
  const MatrixView<A> branch = activations_.branch;
  RETURN_IF_ERROR(EmbeddingForward(
      stream(), batch_.tokens(), batch_.positions(),
      DropoutParameters(dropout.Embedding()), first_token_,
      TensorView(w, layout_.token_embedding()),
      TensorView(w, layout_.position_embedding()), activations_.blocks[0].x));
  const int layers = static_cast<int>(config_.layers());
  for (int l = 0; l < layers; ++l) {
    const BlockActivations<float, A>& a = activations_.blocks[l];
    // The branch of the block before is added on the way into this one.
    RETURN_IF_ERROR(l == 0 ? Norm(l, false, a.x, {}, Dropout())
                           : Norm(l, false, activations_.blocks[l - 1].mid,
                                  branch, dropout.FeedForwardResidual(l - 1)));
    RETURN_IF_ERROR(Linear(l, BlockTensor::kAttentionWeight,
                           BlockTensor::kAttentionBias, a.ln1, nullptr, a.qkv));
    RETURN_IF_ERROR(AttentionForward<A>(stream(), AttentionOf(),
                                        DropoutParameters(dropout.Attention(l)),
                                        a.qkv, a.attention, a.log_sum.data));
    RETURN_IF_ERROR(Linear(l, BlockTensor::kAttentionProjectionWeight,
                           BlockTensor::kAttentionProjectionBias, a.attention,
                           nullptr, branch));
    RETURN_IF_ERROR(Norm(l, true, a.x, branch, dropout.AttentionResidual(l)));
    RETURN_IF_ERROR(Linear(l, BlockTensor::kFeedForwardWeight,
                           BlockTensor::kFeedForwardBias, a.ln2, a.hidden.data,
                           a.gelu));
    RETURN_IF_ERROR(Linear(l, BlockTensor::kFeedForwardProjectionWeight,
                           BlockTensor::kFeedForwardProjectionBias, a.gelu,
                           nullptr, branch));
  }
  return LayerNormForward<A>(
      stream(), activations_.blocks.back().mid, branch,
      DropoutParameters(dropout.FeedForwardResidual(layers - 1)), first_token_,
      w + layout_.final_norm_weight().offset,
      w + layout_.final_norm_bias().offset,
      static_cast<float>(config_.layer_norm_epsilon()), activations_.last,
      activations_.final_norm, activations_.final_mean,
      activations_.final_rstd);
}

template <typename A>
absl::Status Gpt2Cuda<A>::Head(const std::optional<double>& scale) {
  const Activations<A>& a = activations_;
  // Products run over V rounded up to a multiple of eight, as the library's
  // fast algorithms want it. The rows behind wte are the next tensor's first:
  // what they make of the logits is not read, and their dlogits are zero, so
  // that nothing comes of them in dh, nor in their gradients.
  const int64_t columns = a.logits.stride;
  const int64_t wte = layout_.token_embedding().offset;
  const MatrixView<const A> w(weights() + wte, columns, config_.width());
  const MatrixView<float> dw(gradients_.data() + wte, columns, config_.width());
  if (scale.has_value()) {
    // Rows without a target get no gradient from above.
    RETURN_IF_CUDA_ERROR(cudaMemsetAsync(
        a.branch.data, 0,
        static_cast<size_t>(a.branch.rows * a.branch.columns) * sizeof(A),
        stream()));
  }
  for (int64_t i = 0; i < batch_.counted(); i += a.head.rows) {
    const int64_t rows = std::min(a.head.rows, batch_.counted() - i);
    const MatrixView<A> h = FirstRows(a.head, rows);
    const MatrixView<A> dh = FirstRows(a.dhead, rows);
    const MatrixView<float> logits(a.logits.data, rows, columns);
    const MatrixView<A> dlogits(a.dlogits.data, rows, columns);
    RETURN_IF_ERROR(
        GatherRows<A>(stream(), batch_.counted_rows() + i, a.final_norm, h));
    RETURN_IF_ERROR(
        (multiplier_.Multiply<A, float>(stream(), Op::kAsIs, h, Op::kTransposed,
                                        w, Into::kOverwrite, {}, logits)));
    RETURN_IF_ERROR(CrossEntropy<A>(
        stream(), batch_.counted_targets() + i,
        static_cast<float>(scale.value_or(0.0)), FirstRows(a.logits, rows),
        a.losses + i,
        scale.has_value() ? FirstRows(a.dlogits, rows) : MatrixView<A>()));
    if (!scale.has_value()) continue;
    RETURN_IF_ERROR((multiplier_.Multiply<A, A>(
        stream(), Op::kAsIs, dlogits, Op::kAsIs, w, Into::kOverwrite, {}, dh)));
    RETURN_IF_ERROR((multiplier_.Multiply<A, float>(
        stream(), Op::kTransposed, dlogits, Op::kAsIs, h, Into::kAdd, {}, dw)));
    RETURN_IF_ERROR(
        ScatterRows<A>(stream(), batch_.counted_rows() + i, dh, a.branch));
  }
  RETURN_IF_ERROR(losses_.Reserve(batch_.counted()));
  if (batch_.counted() > 0) {
    RETURN_IF_CUDA_ERROR(
        cudaMemcpyAsync(losses_.data(), a.losses,
                        static_cast<size_t>(batch_.counted()) * sizeof(double),
                        cudaMemcpyDeviceToHost, stream()));
  }
  return losses_copied_.Record(stream());
}

template <typename A>
absl::StatusOr<LossSum> Gpt2Cuda<A>::Losses() {
  RETURN_IF_ERROR(losses_copied_.Wait());
  LossSum sum;
  for (int64_t i = 0; i < batch_.counted(); ++i) {
    sum += {losses_.data()[i], 1};
  }
  return sum;
}

template <typename A>
absl::Status Gpt2Cuda<A>::BlockBackward(const ModelDropout& dropout,
                                        int layer) {
  const BlockActivations<float, A>& a = activations_.blocks[layer];
  const MatrixView<A> branch = activations_.branch;
  const MatrixView<A> dwide = activations_.dwide;
  const MatrixView<A> dattention = activations_.dnarrow;
  const MatrixView<A> dqkv(dwide.data, a.qkv.rows, a.qkv.columns);
  // The feed-forward branch, whose output's gradient `branch` holds.
  RETURN_IF_ERROR(LinearBackward(layer,
                                 BlockTensor::kFeedForwardProjectionWeight,
                                 BlockTensor::kFeedForwardProjectionBias,
                                 branch, a.gelu, a.hidden.data, dwide));
  RETURN_IF_ERROR(LinearBackward(layer, BlockTensor::kFeedForwardWeight,
                                 BlockTensor::kFeedForwardBias, dwide, a.ln2,
                                 nullptr, branch));
  RETURN_IF_ERROR(
      NormBackward(layer, true, dropout.AttentionResidual(layer), branch));
  // The attention branch, likewise. dqkv is narrower than 4C.
  RETURN_IF_ERROR(LinearBackward(layer, BlockTensor::kAttentionProjectionWeight,
                                 BlockTensor::kAttentionProjectionBias, branch,
                                 a.attention, nullptr, dattention));
  RETURN_IF_ERROR(AttentionBackward<A>(
      stream(), AttentionOf(), DropoutParameters(dropout.Attention(layer)),
      dattention, a.qkv, a.attention, a.log_sum.data, activations_.workspace,
      dqkv));
  RETURN_IF_ERROR(LinearBackward(layer, BlockTensor::kAttentionWeight,
                                 BlockTensor::kAttentionBias, dqkv, a.ln1,
                                 nullptr, branch));
  return layer == 0
             ? NormBackward(layer, false, Dropout(), {})
             : NormBackward(layer, false,
                            dropout.FeedForwardResidual(layer - 1), branch);
}

template <typename A>
absl::Status Gpt2Cuda<A>::Backward(const ModelDropout& dropout) {
  const Activations<A>& a = activations_;
  const int layers = static_cast<int>(config_.layers());
  float* const dw = gradients_.data();
  RETURN_IF_ERROR(LayerNormBackward<A>(
      stream(), a.branch, a.last,
      parameters_.data() + layout_.final_norm_weight().offset, a.final_mean,
      a.final_rstd, false,
      DropoutParameters(dropout.FeedForwardResidual(layers - 1)), first_token_,
      a.workspace, a.dx, a.branch, dw + layout_.final_norm_weight().offset,
      dw + layout_.final_norm_bias().offset));
  for (int l = layers - 1; l >= 0; --l) {
    RETURN_IF_ERROR(BlockBackward(dropout, l));
  }
  RETURN_IF_ERROR(ApplyDropout(stream(), DropoutParameters(dropout.Embedding()),
                               first_token_, a.dx));
  RETURN_IF_ERROR(EmbeddingBackward(stream(), batch_.by_token(), a.dx,
                                    a.workspace,
                                    TensorView(dw, layout_.token_embedding())));
  return EmbeddingBackward(stream(), batch_.by_position(), a.dx, a.workspace,
                           TensorView(dw, layout_.position_embedding()));
}

template <typename A>
absl::StatusOr<LossSum> Gpt2Cuda<A>::Loss(const TokenBatch& batch) {
  RETURN_IF_ERROR(ValidateTokenBatch(config_, batch));
  RETURN_IF_ERROR(Forward(batch, ModelDropout(config_, std::nullopt)));
  RETURN_IF_ERROR(Head(std::nullopt));
  return Losses();
}

template <typename A>
absl::StatusOr<LossSum> Gpt2Cuda<A>::LossAndGradient(
    const TokenBatch& batch, const std::optional<DropoutKey>& key,
    double scale) {
  RETURN_IF_ERROR(ValidateTokenBatch(config_, batch));
  const ModelDropout dropout(config_, key);
  RETURN_IF_ERROR(Forward(batch, dropout));
  RETURN_IF_ERROR(Head(scale));
  RETURN_IF_ERROR(Backward(dropout));
  return Losses();
}

template class Gpt2Cuda<float>;
template class Gpt2Cuda<__nv_bfloat16>;

}  // namespace cuda
}  // namespace anisograd
