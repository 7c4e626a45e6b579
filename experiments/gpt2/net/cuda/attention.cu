#include "experiments/gpt2/net/cuda/attention.h"

#include <cuda_bf16.h>

#include <cmath>
#include <type_traits>

#include "experiments/gpt2/net/cuda/attention_arguments.cuh"
#include "experiments/gpt2/net/cuda/quad.cuh"
#include "tools/base/status_macros.h"
#include "tools/cuda/launch.cuh"

// Checks, the kernel that both precisions share, and the choice between them.

namespace anisograd {
namespace cuda {
namespace {

// --- kernels ---

constexpr int kDeltaThreads = 256;
// Lanes that share one dot product: with heads of 64 columns, each has a quad.
constexpr int kDeltaLanes = 16;

// delta[head, token] = dy . y over the head's columns. Bound by memory: reads
// dy and y once.
template <typename A>
__global__ void __launch_bounds__(kDeltaThreads)
    DeltaKernel(uint32_t heads, uint32_t tokens, int head_width,
                AttentionRows<const A> dy, AttentionRows<const A> y,
                float* delta) {
  const int lane = threadIdx.x % kDeltaLanes;
  // A device's memory has room for far fewer than 2^32 of them, and dividing 64
  // bits would cost more than the rest.
  const uint32_t item = blockIdx.x * (kDeltaThreads / kDeltaLanes) +
                        threadIdx.x / kDeltaLanes;
  const bool valid = item < heads * tokens;
  const uint32_t token = valid ? item / heads : 0;
  const uint32_t head = valid ? item % heads : 0;
  const int64_t first_column = static_cast<int64_t>(head) * head_width;
  float sum = 0.0f;
  for (int k = 4 * lane; k < head_width; k += 4 * kDeltaLanes) {
    const Quad up = LoadQuad(dy.At(token, first_column + k));
    const Quad out = LoadQuad(y.At(token, first_column + k));
    for (int i = 0; i < 4; ++i) sum = fmaf(up.v[i], out.v[i], sum);
  }
  for (int mask = kDeltaLanes / 2; mask > 0; mask /= 2) {
    sum += __shfl_xor_sync(kAllLanes, sum, mask);
  }
  if (valid && lane == 0) delta[head * tokens + token] = sum;
}

// --- launchers ---

template <typename T>
bool RowsAreAligned(const MatrixView<T>& m) {
  return m.stride * static_cast<int64_t>(sizeof(T)) % 16 == 0 &&
         reinterpret_cast<uintptr_t>(m.data) % 16 == 0;
}

// y and qkv, or their gradients.
template <typename A>
absl::Status CheckShape(const AttentionBatch& batch,
                        const DropoutParameters& dropout,
                        const MatrixView<const A>& y,
                        const MatrixView<const A>& qkv) {
  if (batch.heads < 1 || y.columns % batch.heads != 0 ||
      qkv.columns != 3 * y.columns || qkv.rows != y.rows) {
    return absl::InvalidArgumentError(
        "attention: y is not [tokens, heads * D] with qkv [tokens, 3 heads * "
        "D]");
  }
  const int64_t head_width = y.columns / batch.heads;
  if (std::is_same<A, __nv_bfloat16>::value
          ? head_width != 64
          : head_width < 4 || head_width > 128 || head_width % 4 != 0) {
    return absl::InvalidArgumentError(
        "attention: heads need 64 columns in bf16, else a multiple of 4 up to "
        "128");
  }
  if (dropout.enabled && batch.context % 4 != 0) {
    return absl::InvalidArgumentError(
        "attention: dropout needs a context that is a multiple of 4");
  }
  if (!RowsAreAligned(y) || !RowsAreAligned(qkv)) {
    return absl::InvalidArgumentError(
        "attention: rows do not start at multiples of 16 bytes");
  }
  return absl::OkStatus();
}

template <typename A>
AttentionRows<A> Rows(const MatrixView<A>& m) {
  return {m.data, m.stride};
}

AttentionProblem Problem(const AttentionBatch& batch,
                         const DropoutParameters& dropout, int64_t tokens,
                         int64_t width) {
  const int64_t head_width = width / batch.heads;
  const float scale = 1.0f / std::sqrt(static_cast<float>(head_width));
  return {batch, dropout, tokens, width, static_cast<int32_t>(head_width),
          scale, scale * kLog2E};
}

}  // namespace

template <typename A>
absl::Status AttentionForward(cudaStream_t stream, const AttentionBatch& batch,
                              const DropoutParameters& dropout,
                              MatrixView<const A> qkv, MatrixView<A> y,
                              float* log_sum) {
  RETURN_IF_ERROR(CheckShape<A>(batch, dropout, y, qkv));
  return LaunchAttention(
      stream,
      AttentionForwardArguments<A>{Problem(batch, dropout, y.rows, y.columns),
                                   Rows(qkv), Rows(y), log_sum});
}

template <typename A>
absl::Status AttentionBackward(cudaStream_t stream, const AttentionBatch& batch,
                               const DropoutParameters& dropout,
                               MatrixView<const A> dy, MatrixView<const A> qkv,
                               MatrixView<const A> y, const float* log_sum,
                               float* workspace, MatrixView<A> dqkv) {
  RETURN_IF_ERROR(CheckShape<A>(batch, dropout, y, qkv));
  RETURN_IF_ERROR(CheckShape<A>(batch, dropout, dy, dqkv));
  if (dy.rows != y.rows || dy.columns != y.columns) {
    return absl::InvalidArgumentError("attention: dy has not the shape of y");
  }
  const AttentionProblem problem = Problem(batch, dropout, y.rows, y.columns);
  RETURN_IF_ERROR(
      Launch("AttentionDelta", DeltaKernel<A>,
             dim3(static_cast<unsigned>(CeilDiv(
                 batch.heads * y.rows, kDeltaThreads / kDeltaLanes))),
             dim3(kDeltaThreads), stream, batch.heads, y.rows,
             problem.head_width, Rows(dy), Rows(y), workspace));
  return LaunchAttention(
      stream, AttentionBackwardArguments<A>{problem, Rows(dy), Rows(qkv),
                                            Rows(dqkv), log_sum, workspace});
}

#define ANISOGRAD_INSTANTIATE(A)                                              \
  template absl::Status AttentionForward<A>(                                  \
      cudaStream_t, const AttentionBatch&, const DropoutParameters&,          \
      MatrixView<const A>, MatrixView<A>, float*);                            \
  template absl::Status AttentionBackward<A>(                                 \
      cudaStream_t, const AttentionBatch&, const DropoutParameters&,          \
      MatrixView<const A>, MatrixView<const A>, MatrixView<const A>,          \
      const float*, float*, MatrixView<A>)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(__nv_bfloat16);
#undef ANISOGRAD_INSTANTIATE

}  // namespace cuda
}  // namespace anisograd
