#ifndef EXPERIMENTS_GPT2_CUDA_ATTENTION_H_
#define EXPERIMENTS_GPT2_CUDA_ATTENTION_H_

#include <cuda_runtime_api.h>

#include <cstdint>

#include "absl/status/status.h"
#include "experiments/gpt2/cuda/batch_index.h"
#include "experiments/gpt2/cuda/dropout_parameters.h"
#include "experiments/gpt2/matrix_view.h"

namespace anisograd {
namespace cuda {

// Causal attention within each sequence of a packed batch, without scores in
// memory (flash attention: Dao et al. 2022); formulas in
// experiments/gpt2/attention.h. A = float computes in single precision; A =
// __nv_bfloat16 multiplies on tensor cores with single-precision sums and needs
// heads of 64 columns. Heads have a multiple of 4 columns, at most 128.
//
// Determinism: run to run; every output element is written by one block, which
// takes tiles in order.

struct AttentionBatch {
  int64_t heads = 0;
  // Dropout numbers the keys of a query by it: Gpt2Config.context.
  int64_t context = 0;
  // Number of the first row within the step (TokenBatch::first_token).
  int64_t first_token = 0;
  // batch_index.h's QueryTiles and KeyTiles, in the device's memory.
  const AttentionTile* query_tiles = nullptr;
  int64_t query_tile_count = 0;
  const AttentionTile* key_tiles = nullptr;
  int64_t key_tile_count = 0;
};

// qkv [tokens, 3C] -> y [tokens, C], log_sum [heads, tokens].
template <typename A>
absl::Status AttentionForward(cudaStream_t stream, const AttentionBatch& batch,
                              const DropoutParameters& dropout,
                              MatrixView<const A> qkv, MatrixView<A> y,
                              float* log_sum);

// Elements of AttentionBackward's workspace.
constexpr int64_t AttentionWorkspace(int64_t heads, int64_t tokens) {
  return heads * tokens;
}

// dy [tokens, C] -> dqkv [tokens, 3C], overwritten.
template <typename A>
absl::Status AttentionBackward(cudaStream_t stream, const AttentionBatch& batch,
                               const DropoutParameters& dropout,
                               MatrixView<const A> dy, MatrixView<const A> qkv,
                               MatrixView<const A> y, const float* log_sum,
                               float* workspace, MatrixView<A> dqkv);

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_CUDA_ATTENTION_H_
