#include "experiments/gpt2/net/gelu.h"

#include <cstdint>

#include "experiments/gpt2/net/gelu_formula.h"
#include "experiments/gpt2/net/vector_math.h"

namespace anisograd {
namespace {

constexpr int64_t kRows = 8;

template <typename T>
Vector16<T> Gate(const Vector16<T>& x) {
  return T{1} / (T{1} + (-GeluTwoU<T>(x)).exp());
}

}  // namespace

template <typename T>
void GeluForward(ThreadPool* pool, MatrixView<const T> x, MatrixView<T> y) {
  pool->ParallelRanges(x.rows, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      Transform(x.columns, x.row(i), y.row(i),
                [](const Vector16<T>& v) -> Vector16<T> {
                  return v * Gate<T>(v);
                });
    }
  });
}

template <typename T>
void GeluBackward(ThreadPool* pool, MatrixView<const T> dy,
                  MatrixView<const T> x, MatrixView<T> dx) {
  pool->ParallelRanges(x.rows, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      Transform(x.columns, dy.row(i), x.row(i), dx.row(i),
                [](const Vector16<T>& up,
                   const Vector16<T>& v) -> Vector16<T> {
                  const Vector16<T> s = Gate<T>(v);
                  return up * (s + v * s * (T{1} - s) * GeluTwoDu<T>(v));
                });
    }
  });
}

#define ANISOGRAD_INSTANTIATE(T)                                         \
  template void GeluForward<T>(ThreadPool*, MatrixView<const T>,         \
                               MatrixView<T>);                           \
  template void GeluBackward<T>(ThreadPool*, MatrixView<const T>,        \
                                MatrixView<const T>, MatrixView<T>)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(double);
#undef ANISOGRAD_INSTANTIATE

}  // namespace anisograd
