#ifndef EXPERIMENTS_GPT2_NET_EMBEDDING_H_
#define EXPERIMENTS_GPT2_NET_EMBEDDING_H_

#include "experiments/gpt2/net/matrix_view.h"
#include "experiments/gpt2/net/token_batch.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// x_i = wte[token_i] + wpe[position of i in its sequence], with wte [V, C],
// wpe [context, C], x [tokens, C].
template <typename T>
void EmbeddingForward(ThreadPool* pool, const TokenBatch& batch,
                      MatrixView<const T> wte, MatrixView<const T> wpe,
                      MatrixView<T> x);

// From dx = dL/dx: dwte[token_i] += dx_i, dwpe[position_i] += dx_i, tokens in
// their order.
template <typename T>
void EmbeddingBackward(ThreadPool* pool, const TokenBatch& batch,
                       MatrixView<const T> dx, MatrixView<T> dwte,
                       MatrixView<T> dwpe);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_EMBEDDING_H_
