#include "experiments/gpt2/net/gelu.h"

#include <cstdint>

#include "experiments/gpt2/net/vector_math.h"

namespace anisograd {
namespace {

constexpr int64_t kRows = 8;
constexpr double kTwoRootTwoOverPi = 1.5957691216057308;  // 2 sqrt(2 / pi)
constexpr double kCubic = 0.044715;

template <typename T>
Vector16<T> Gate(const Vector16<T>& x) {
  const Vector16<T> two_u =
      static_cast<T>(kTwoRootTwoOverPi) *
      (x + static_cast<T>(kCubic) * x * x * x);
  return T{1} / (T{1} + (-two_u).exp());
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
                  const Vector16<T> two_du =
                      static_cast<T>(kTwoRootTwoOverPi) *
                      (T{1} + static_cast<T>(3 * kCubic) * v * v);
                  return up * (s + v * s * (T{1} - s) * two_du);
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
