#include "experiments/gpt2/net/model.h"

#include <algorithm>

#include "experiments/gpt2/net/attention.h"
#include "experiments/gpt2/net/embedding.h"
#include "experiments/gpt2/net/gelu.h"
#include "experiments/gpt2/net/layer_norm.h"
#include "experiments/gpt2/net/linear.h"
#include "experiments/gpt2/net/matrix_product.h"
#include "experiments/gpt2/net/tied_head.h"
#include "experiments/gpt2/net/vector_math.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

AttentionShape ShapeOf(const Gpt2Config& config, const TokenBatch& batch) {
  AttentionShape shape;
  shape.heads = config.heads();
  shape.context = config.context();
  shape.starts = batch.starts;
  shape.first_token = batch.first_token;
  return shape;
}

// sum = a + dropout(branch), where branch is changed on the way.
template <typename T>
void AddResidual(ThreadPool* pool, const Dropout& dropout, int64_t first_token,
                 MatrixView<const T> a, MatrixView<T> branch,
                 MatrixView<T> sum) {
  ApplyDropout<T>(pool, dropout, first_token, branch);
  constexpr int64_t kRows = 16;
  pool->ParallelRanges(a.rows, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      Add<T>(a.columns, a.row(i), branch.row(i), sum.row(i));
    }
  });
}

// The gradient that enters a branch: dropout(dx), in `branch`.
template <typename T>
void EnterBranch(ThreadPool* pool, const Dropout& dropout, int64_t first_token,
                 MatrixView<const T> dx, MatrixView<T> branch) {
  std::copy_n(dx.data, dx.rows * dx.columns, branch.data);
  ApplyDropout<T>(pool, dropout, first_token, branch);
}

}  // namespace

template <typename T>
Gpt2<T>::Gpt2(const Gpt2Config& config, ThreadPool* pool)
    : config_(config),
      layout_(config),
      pool_(pool),
      parameters_(layout_.size()),
      gradients_(layout_.size()) {}

template <typename T>
void Gpt2<T>::SetParameters(absl::Span<const float> parameters) {
  std::copy(parameters.begin(), parameters.end(), parameters_.data());
}

template <typename T>
void Gpt2<T>::GetParameters(absl::Span<float> parameters) const {
  std::copy_n(parameters_.data(), parameters_.size(), parameters.data());
}

template <typename T>
void Gpt2<T>::GetGradients(absl::Span<float> gradients) const {
  std::copy_n(gradients_.data(), gradients_.size(), gradients.data());
}

template <typename T>
void Gpt2<T>::ZeroGradients() {
  std::fill_n(gradients_.data(), gradients_.size(), T{0});
}

template <typename T>
template <typename U>
typename Gpt2<T>::template BlockTensors<U> Gpt2<T>::Block(
    U* flat, int64_t layer) const {
  const auto vector = [&](BlockTensor tensor) {
    return flat + layout_.block(layer, tensor).offset;
  };
  const auto matrix = [&](BlockTensor tensor) {
    return TensorView(flat, layout_.block(layer, tensor));
  };
  BlockTensors<U> t;
  t.ln1_weight = vector(BlockTensor::kLn1Weight);
  t.ln1_bias = vector(BlockTensor::kLn1Bias);
  t.attention_weight = matrix(BlockTensor::kAttentionWeight);
  t.attention_bias = vector(BlockTensor::kAttentionBias);
  t.projection_weight = matrix(BlockTensor::kAttentionProjectionWeight);
  t.projection_bias = vector(BlockTensor::kAttentionProjectionBias);
  t.ln2_weight = vector(BlockTensor::kLn2Weight);
  t.ln2_bias = vector(BlockTensor::kLn2Bias);
  t.hidden_weight = matrix(BlockTensor::kFeedForwardWeight);
  t.hidden_bias = vector(BlockTensor::kFeedForwardBias);
  t.output_weight = matrix(BlockTensor::kFeedForwardProjectionWeight);
  t.output_bias = vector(BlockTensor::kFeedForwardProjectionBias);
  return t;
}

template <typename T>
void Gpt2<T>::PlaceActivations(int64_t tokens) {
  const int64_t width = config_.width();
  const auto place = [&](char* base) {
    Arena arena(base, AlignedBuffer<char>::kAlignment);
    blocks_.resize(static_cast<size_t>(config_.layers()));
    for (Activations& a : blocks_) {
      a = Activations::Take(config_, tokens, &arena);
    }
    last_ = arena.Take<T>(tokens, width);
    final_ = arena.Take<T>(tokens, width);
    final_mean_ = arena.Take<T>(tokens);
    final_rstd_ = arena.Take<T>(tokens);
    dx_ = arena.Take<T>(tokens, width);
    dbranch_ = arena.Take<T>(tokens, width);
    dwide_ = arena.Take<T>(tokens, 4 * width);
    dwide2_ = arena.Take<T>(tokens, 4 * width);
    return arena.used();
  };
  const int64_t needed = place(nullptr);
  if (needed > arena_.size()) {
    arena_ = AlignedBuffer<char>();  // gives back before it takes
    arena_ = AlignedBuffer<char>(needed);
  }
  place(arena_.data());
}

template <typename T>
void Gpt2<T>::BlockForward(const TokenBatch& batch, const ModelDropout& dropout,
                           int layer, const Activations& a,
                           MatrixView<T> x_out) {
  const BlockTensors<const T> w = Block<const T>(parameters_.data(), layer);
  LayerNormForward<T>(pool_, a.x, w.ln1_weight, w.ln1_bias,
                      config_.layer_norm_epsilon(), a.ln1, a.mean1, a.rstd1);
  LinearForward<T>(pool_, a.ln1, w.attention_weight, w.attention_bias, a.qkv);
  AttentionForward<T>(pool_, ShapeOf(config_, batch), dropout.Attention(layer),
                      a.qkv, a.attention, a.log_sum);
  LinearForward<T>(pool_, a.attention, w.projection_weight, w.projection_bias,
                   a.mid);
  AddResidual<T>(pool_, dropout.AttentionResidual(layer), batch.first_token,
                 a.x, a.mid, a.mid);
  LayerNormForward<T>(pool_, a.mid, w.ln2_weight, w.ln2_bias,
                      config_.layer_norm_epsilon(), a.ln2, a.mean2, a.rstd2);
  LinearForward<T>(pool_, a.ln2, w.hidden_weight, w.hidden_bias, a.hidden);
  GeluForward<T>(pool_, a.hidden, a.gelu);
  LinearForward<T>(pool_, a.gelu, w.output_weight, w.output_bias, x_out);
  AddResidual<T>(pool_, dropout.FeedForwardResidual(layer), batch.first_token,
                 a.mid, x_out, x_out);
}

template <typename T>
void Gpt2<T>::Forward(const TokenBatch& batch, const ModelDropout& dropout) {
  PlaceActivations(batch.size());
  const T* const w = parameters_.data();
  const MatrixView<T> x = blocks_.front().x;
  EmbeddingForward<T>(pool_, batch, TensorView(w, layout_.token_embedding()),
                      TensorView(w, layout_.position_embedding()), x);
  ApplyDropout<T>(pool_, dropout.Embedding(), batch.first_token, x);
  for (int l = 0; l < config_.layers(); ++l) {
    const bool is_last = l + 1 == config_.layers();
    BlockForward(batch, dropout, l, blocks_[l],
                 is_last ? last_ : blocks_[l + 1].x);
  }
  LayerNormForward<T>(pool_, last_, w + layout_.final_norm_weight().offset,
                      w + layout_.final_norm_bias().offset,
                      config_.layer_norm_epsilon(), final_, final_mean_,
                      final_rstd_);
}

template <typename T>
void Gpt2<T>::BlockBackward(const TokenBatch& batch,
                            const ModelDropout& dropout, int layer,
                            const Activations& a) {
  const BlockTensors<const T> w = Block<const T>(parameters_.data(), layer);
  const BlockTensors<T> dw = Block(gradients_.data(), layer);
  // The feed-forward branch.
  EnterBranch<T>(pool_, dropout.FeedForwardResidual(layer), batch.first_token,
                 dx_, dbranch_);
  LinearBackward<T>(pool_, dbranch_, a.gelu, w.output_weight, dwide_,
                    dw.output_weight, dw.output_bias);
  GeluBackward<T>(pool_, dwide_, a.hidden, dwide_);
  LinearBackward<T>(pool_, dwide_, a.ln2, w.hidden_weight, dbranch_,
                    dw.hidden_weight, dw.hidden_bias);
  LayerNormBackward<T>(pool_, dbranch_, a.mid, w.ln2_weight, a.mean2, a.rstd2,
                       dx_, dw.ln2_weight, dw.ln2_bias);
  // The attention branch. dqkv and dL/d(attention) are narrower than 4C.
  const MatrixView<T> dattention(dwide2_.data, dx_.rows, dx_.columns);
  const MatrixView<T> dqkv(dwide_.data, dx_.rows, 3 * dx_.columns);
  EnterBranch<T>(pool_, dropout.AttentionResidual(layer), batch.first_token,
                 dx_, dbranch_);
  LinearBackward<T>(pool_, dbranch_, a.attention, w.projection_weight,
                    dattention, dw.projection_weight, dw.projection_bias);
  AttentionBackward<T>(pool_, ShapeOf(config_, batch), dropout.Attention(layer),
                       dattention, a.qkv, a.attention, a.log_sum, dqkv);
  LinearBackward<T>(pool_, dqkv, a.ln1, w.attention_weight, dbranch_,
                    dw.attention_weight, dw.attention_bias);
  LayerNormBackward<T>(pool_, dbranch_, a.x, w.ln1_weight, a.mean1, a.rstd1,
                       dx_, dw.ln1_weight, dw.ln1_bias);
}

template <typename T>
void Gpt2<T>::Backward(const TokenBatch& batch, const ModelDropout& dropout) {
  const T* const w = parameters_.data();
  T* const dw = gradients_.data();
  std::fill_n(dx_.data, dx_.rows * dx_.columns, T{0});
  LayerNormBackward<T>(pool_, dbranch_, last_,
                       w + layout_.final_norm_weight().offset, final_mean_,
                       final_rstd_, dx_,
                       dw + layout_.final_norm_weight().offset,
                       dw + layout_.final_norm_bias().offset);
  for (int l = config_.layers() - 1; l >= 0; --l) {
    BlockBackward(batch, dropout, l, blocks_[l]);
  }
  ApplyDropout<T>(pool_, dropout.Embedding(), batch.first_token, dx_);
  EmbeddingBackward<T>(pool_, batch, dx_,
                       TensorView(dw, layout_.token_embedding()),
                       TensorView(dw, layout_.position_embedding()));
}

template <typename T>
absl::StatusOr<LossSum> Gpt2<T>::Loss(const TokenBatch& batch) {
  RETURN_IF_ERROR(ValidateTokenBatch(config_, batch));
  Forward(batch, ModelDropout(config_, std::nullopt));
  return TiedHeadLoss<T>(
      pool_, batch.targets, final_,
      TensorView<const T>(parameters_.data(), layout_.token_embedding()));
}

template <typename T>
absl::StatusOr<LossSum> Gpt2<T>::LossAndGradient(
    const TokenBatch& batch, const std::optional<DropoutKey>& key,
    double scale) {
  RETURN_IF_ERROR(ValidateTokenBatch(config_, batch));
  const ModelDropout dropout(config_, key);
  Forward(batch, dropout);
  const LossSum loss = TiedHeadLossAndGradient<T>(
      pool_, batch.targets, scale, final_,
      TensorView<const T>(parameters_.data(), layout_.token_embedding()),
      dbranch_, TensorView(gradients_.data(), layout_.token_embedding()));
  Backward(batch, dropout);
  return loss;
}

template <typename T>
absl::StatusOr<std::vector<T>> Gpt2<T>::Logits(const TokenBatch& batch) {
  RETURN_IF_ERROR(ValidateTokenBatch(config_, batch));
  Forward(batch, ModelDropout(config_, std::nullopt));
  AlignedBuffer<T> logits(batch.size() * config_.vocabulary());
  ParallelMultiply<T>(
      pool_, Op::kAsIs, final_, Op::kTransposed,
      TensorView<const T>(parameters_.data(), layout_.token_embedding()),
      Into::kOverwrite,
      MatrixView<T>(logits.data(), batch.size(), config_.vocabulary()));
  return std::vector<T>(logits.data(), logits.data() + logits.size());
}

template class Gpt2<float>;
template class Gpt2<double>;

}  // namespace anisograd
