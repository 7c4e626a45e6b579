#include "experiments/gpt2/net/linear.h"

#include <algorithm>
#include <cstdint>

#include "experiments/gpt2/net/matrix_product.h"
#include "experiments/gpt2/net/vector_math.h"

namespace anisograd {

template <typename T>
void LinearForward(ThreadPool* pool, MatrixView<const T> x,
                   MatrixView<const T> weight, const T* bias, MatrixView<T> y) {
  constexpr int64_t kRows = 32;
  pool->ParallelRanges(y.rows, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      std::copy(bias, bias + y.columns, y.row(i));
    }
  });
  ParallelMultiply<T>(pool, Op::kAsIs, x, Op::kAsIs, weight, Into::kAdd, y);
}

template <typename T>
void LinearBackward(ThreadPool* pool, MatrixView<const T> dy,
                    MatrixView<const T> x, MatrixView<const T> weight,
                    MatrixView<T> dx, MatrixView<T> dweight, T* dbias) {
  ParallelMultiply<T>(pool, Op::kAsIs, dy, Op::kTransposed, weight,
                      Into::kOverwrite, dx);
  ParallelMultiply<T>(pool, Op::kTransposed, x, Op::kAsIs, dy, Into::kAdd,
                      dweight);
  constexpr int64_t kColumns = 128;
  pool->ParallelRanges(dy.columns, kColumns, [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < dy.rows; ++i) {
      AddTo<T>(end - begin, dy.row(i) + begin, dbias + begin);
    }
  });
}

#define ANISOGRAD_INSTANTIATE(T)                                            \
  template void LinearForward<T>(ThreadPool*, MatrixView<const T>,          \
                                 MatrixView<const T>, const T*,             \
                                 MatrixView<T>);                            \
  template void LinearBackward<T>(ThreadPool*, MatrixView<const T>,         \
                                  MatrixView<const T>, MatrixView<const T>, \
                                  MatrixView<T>, MatrixView<T>, T*)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(double);
#undef ANISOGRAD_INSTANTIATE

}  // namespace anisograd
