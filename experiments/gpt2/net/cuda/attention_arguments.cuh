#ifndef EXPERIMENTS_GPT2_NET_CUDA_ATTENTION_ARGUMENTS_CUH_
#define EXPERIMENTS_GPT2_NET_CUDA_ATTENTION_ARGUMENTS_CUH_

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <cstdint>

#include "absl/status/status.h"
#include "experiments/gpt2/net/cuda/attention.h"
#include "experiments/gpt2/net/cuda/batch_index.h"
#include "experiments/gpt2/net/cuda/dropout_parameters.h"

// What attention.cu hands to the kernels of each precision, attention_float.cu
// and attention_bf16.cu, and what they have in common.

namespace anisograd {
namespace cuda {

// Rows of a matrix in the device's memory.
template <typename T>
struct AttentionRows {
  T* data;
  int64_t stride;

  __device__ T* At(int64_t row, int64_t column) const {
    return data + row * stride + column;
  }
};

struct AttentionProblem {
  AttentionBatch batch;
  DropoutParameters dropout;
  int64_t tokens;
  int64_t width;       // C
  int32_t head_width;  // D
  float scale;         // 1 / sqrt(D)
  float scale_log2;    // scale / log 2: exp(scale x) = 2^(scale_log2 x)
};

template <typename A>
struct AttentionForwardArguments {
  AttentionProblem problem;
  AttentionRows<const A> qkv;
  AttentionRows<A> y;
  float* log_sum;
};

template <typename A>
struct AttentionBackwardArguments {
  AttentionProblem problem;
  AttentionRows<const A> dy;
  AttentionRows<const A> qkv;
  AttentionRows<A> dqkv;
  const float* log_sum;
  // dy_i . y_i, [heads, tokens].
  const float* delta;
};

// dqkv's query columns are one kernel's, its key and value columns another's.
absl::Status LaunchAttention(cudaStream_t stream,
                             const AttentionForwardArguments<float>& a);
absl::Status LaunchAttention(cudaStream_t stream,
                             const AttentionForwardArguments<__nv_bfloat16>& a);
absl::Status LaunchAttention(cudaStream_t stream,
                             const AttentionBackwardArguments<float>& a);
absl::Status LaunchAttention(
    cudaStream_t stream, const AttentionBackwardArguments<__nv_bfloat16>& a);

constexpr float kLog2E = 1.44269504f;

// 2^x with an error of 2 units in the last place; results below 2^-126 are
// zero. One instruction, where exp2f takes care of those results too.
inline __device__ float Exp2(float x) {
#ifdef ANISOGRAD_CUDA_EMULATED
  return exp2f(x);
#else
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
#endif
}

// One block for each tile and head. All heads of a tile come before the next
// tile, so that the order of AttentionTiles, longest first, is the grid's.
inline dim3 AttentionGrid(int64_t tiles, int64_t heads) {
  return dim3(static_cast<unsigned>(tiles * heads));
}
// A block's part of it.
struct AttentionBlock {
  int64_t head;
  int32_t length;  // of the sequence
  int32_t first;   // of the tile's rows, from the sequence's start
  int32_t rows;    // of the tile
  int64_t start;   // the sequence's first row in the batch
  int64_t column;  // the head's first, in y and in each third of qkv

  __device__ AttentionBlock(const AttentionProblem& p,
                            const AttentionTile* tiles) {
    const uint32_t heads = static_cast<uint32_t>(p.batch.heads);
    const AttentionTile tile = tiles[blockIdx.x / heads];
    head = blockIdx.x % heads;
    length = tile.length;
    first = tile.first;
    rows = RowsFrom(first);
    start = tile.start;
    column = head * p.head_width;
  }
  // Rows of the sequence's tile that starts at `tile_first`.
  __device__ int32_t RowsFrom(int32_t tile_first) const {
    return min(kAttentionTile, length - tile_first);
  }
};

// Bit b: whether `query` keeps key quad_key + b, both counted from the
// sequence's start, quad_key a multiple of 4. One Philox block.
inline __device__ uint32_t KeptKeys(const AttentionProblem& p,
                                    const AttentionBlock& block, int32_t query,
                                    int32_t quad_key) {
  const uint64_t token = static_cast<uint64_t>(p.batch.first_token +
                                               block.start + query);
  const uint64_t row = token * static_cast<uint64_t>(p.batch.heads) +
                       static_cast<uint64_t>(block.head);
  uint32_t words[4];
  p.dropout.dropout.Words(row * (static_cast<uint64_t>(p.batch.context) / 4) +
                              static_cast<uint32_t>(quad_key) / 4,
                          words);
  uint32_t bits = 0;
  for (int i = 0; i < 4; ++i) {
    bits |= p.dropout.dropout.Keeps(words[i]) ? 1u << i : 0u;
  }
  return bits;
}

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_ATTENTION_ARGUMENTS_CUH_
