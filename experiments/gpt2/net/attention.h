#ifndef EXPERIMENTS_GPT2_NET_ATTENTION_H_
#define EXPERIMENTS_GPT2_NET_ATTENTION_H_

#include <cstdint>

#include "absl/types/span.h"
#include "experiments/gpt2/net/dropout.h"
#include "experiments/gpt2/net/matrix_view.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// What attention needs to know beside its operands.
struct AttentionShape {
  int64_t heads = 0;
  // Longest sequence; dropout numbers the keys of a query by it.
  int64_t context = 0;
  // Sequence s is rows starts[s] .. starts[s + 1).
  absl::Span<const int64_t> starts;
  // Number of the first row within the step (TokenBatch::first_token).
  int64_t first_token = 0;
};

// Causal multi-head attention within each sequence. qkv [tokens, 3C] holds
// query, key and value side by side, each of them one piece of D = C / heads
// columns per head. For each head and query i, over the keys j <= i of its
// sequence:
//   s_ij = q_i . k_j / sqrt(D),  P_ij = exp(s_ij - L_i),
//   L_i = log sum_j exp(s_ij),  y_i = sum_j dropout(P_ij) v_j.
// y [tokens, C]. L [heads, tokens] is all that is kept for the way back: scores
// live in one block of queries at a time, and are computed anew there.
template <typename T>
void AttentionForward(ThreadPool* pool, const AttentionShape& shape,
                      const Dropout& dropout, MatrixView<const T> qkv,
                      MatrixView<T> y, MatrixView<T> log_sum);

// From dy = dL/dy, with M_ij the factor of dropout (Dao et al. 2022, appendix
// B.4):
//   dv_j = sum_i M_ij P_ij dy_i,  dP_ij = M_ij dy_i . v_j,
//   ds_ij = P_ij (dP_ij - dy_i . y_i),
//   dq_i = sum_j ds_ij k_j / sqrt(D),  dk_j = sum_i ds_ij q_i / sqrt(D).
// dqkv is overwritten. Sums over i run over the blocks of queries in order.
template <typename T>
void AttentionBackward(ThreadPool* pool, const AttentionShape& shape,
                       const Dropout& dropout, MatrixView<const T> dy,
                       MatrixView<const T> qkv, MatrixView<const T> y,
                       MatrixView<const T> log_sum, MatrixView<T> dqkv);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_ATTENTION_H_
