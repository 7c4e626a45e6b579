#ifndef EXPERIMENTS_GPT2_NET_CUDA_ATTENTION_H_
#define EXPERIMENTS_GPT2_NET_CUDA_ATTENTION_H_

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "experiments/gpt2/net/cuda/batch_index.h"
#include "experiments/gpt2/net/cuda/dropout_parameters.h"
#include "experiments/gpt2/net/matrix_view.h"

namespace anisograd {
namespace cuda {

// Causal attention within each sequence of a packed batch, without scores in
// memory (flash attention: Dao et al. 2022); formulas in
// experiments/gpt2/net/attention.h. A = float computes in single precision; A =
// __nv_bfloat16 multiplies on tensor cores with single-precision sums, rounds P
// (after dropout) and ds to bf16 between the products, and needs heads of 64
// columns. Heads have a multiple of 4 columns, at most 128; rows start at
// multiples of 16 bytes.
//
// Determinism: run to run; every output element is written by one block, which
// takes tiles in order. No row's result depends on other sequences.
//
// InvalidArgument for shapes that do not fit these or each other.

struct AttentionBatch {
  int64_t heads = 0;
  // Dropout numbers the keys of a query by it: Gpt2Config.context. A multiple
  // of 4 where there is dropout, so that one Philox block has four keys of one
  // query.
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

// Floating-point operations of the forward pass, as flops.h counts them: q_i .
// k_j and P_ij v_j for every pair of a query and a key that it sees. The
// backward pass needs twice as many, beside what it computes anew.
inline double AttentionForwardFlops(absl::Span<const int64_t> starts,
                                    int64_t width) {
  double pairs = 0.0;
  for (size_t s = 0; s + 1 < starts.size(); ++s) {
    const double length = static_cast<double>(starts[s + 1] - starts[s]);
    pairs += length * (length + 1.0) / 2.0;
  }
  return 4.0 * static_cast<double>(width) * pairs;
}

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_ATTENTION_H_
