#include "experiments/gpt2/net/embedding.h"

#include <cstdint>

#include "experiments/gpt2/net/vector_math.h"

namespace anisograd {

template <typename T>
void EmbeddingForward(ThreadPool* pool, const TokenBatch& batch,
                      MatrixView<const T> wte, MatrixView<const T> wpe,
                      MatrixView<T> x) {
  pool->ParallelFor(batch.sequences(), [&](int64_t s) {
    for (int64_t i = batch.starts[s]; i < batch.starts[s + 1]; ++i) {
      Add<T>(x.columns, wte.row(batch.tokens[i]),
             wpe.row(i - batch.starts[s]), x.row(i));
    }
  });
}

template <typename T>
void EmbeddingBackward(ThreadPool* pool, const TokenBatch& batch,
                       MatrixView<const T> dx, MatrixView<T> dwte,
                       MatrixView<T> dwpe) {
  // By columns: two tasks never add to the same number, though tokens repeat.
  constexpr int64_t kColumns = 64;
  pool->ParallelRanges(dx.columns, kColumns, [&](int64_t begin, int64_t end) {
    for (int64_t s = 0; s < batch.sequences(); ++s) {
      for (int64_t i = batch.starts[s]; i < batch.starts[s + 1]; ++i) {
        const T* const up = dx.row(i) + begin;
        AddTo<T>(end - begin, up, dwte.row(batch.tokens[i]) + begin);
        AddTo<T>(end - begin, up, dwpe.row(i - batch.starts[s]) + begin);
      }
    }
  });
}

#define ANISOGRAD_INSTANTIATE(T)                                         \
  template void EmbeddingForward<T>(ThreadPool*, const TokenBatch&,      \
                                    MatrixView<const T>,                 \
                                    MatrixView<const T>, MatrixView<T>); \
  template void EmbeddingBackward<T>(ThreadPool*, const TokenBatch&,     \
                                     MatrixView<const T>, MatrixView<T>, \
                                     MatrixView<T>)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(double);
#undef ANISOGRAD_INSTANTIATE

}  // namespace anisograd
