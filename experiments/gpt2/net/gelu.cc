#include "experiments/gpt2/net/gelu.h"

#include <cstdint>

#include "experiments/gpt2/net/gelu_formula.h"
#include "tools/base/isa.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "experiments/gpt2/net/gelu.cc"
#include "hwy/foreach_target.h"
#include "experiments/gpt2/net/vector_loops.h"

HWY_BEFORE_NAMESPACE();
namespace anisograd {
namespace HWY_NAMESPACE {
namespace {

// gelu_formula.h's in vectors.
template <typename T>
HWY_INLINE VectorOf<T> Constant(double c) {
  return hn::Set(Tag<T>(), static_cast<T>(c));
}
template <typename T>
HWY_INLINE VectorOf<T> TwoU(VectorOf<T> x) {
  const auto cubic = hn::Mul(hn::Mul(hn::Mul(Constant<T>(kGeluCubic), x), x), x);
  return hn::Mul(Constant<T>(kGeluTwoRootTwoOverPi), hn::Add(x, cubic));
}
template <typename T>
HWY_INLINE VectorOf<T> TwoDu(VectorOf<T> x) {
  const auto cubic = hn::Mul(hn::Mul(Constant<T>(3 * kGeluCubic), x), x);
  return hn::Mul(Constant<T>(kGeluTwoRootTwoOverPi),
                 hn::Add(Constant<T>(1.0), cubic));
}

template <typename T>
HWY_INLINE VectorOf<T> Gate(VectorOf<T> x) {
  const auto one = Constant<T>(1.0);
  return hn::Div(one, hn::Add(one, Exp(hn::Neg(TwoU<T>(x)))));
}

template <typename T>
void ForwardRow(int64_t n, const T* x, T* y) {
  ForVectors<T>(n, [=](const auto& at) HWY_ATTR {
    const auto v = at.Load(x);
    at.Store(hn::Mul(v, Gate<T>(v)), y);
  });
}

template <typename T>
void BackwardRow(int64_t n, const T* dy, const T* x, T* dx) {
  ForVectors<T>(n, [=](const auto& at) HWY_ATTR {
    const auto v = at.Load(x);
    const auto s = Gate<T>(v);
    // s + x s (1 - s) 2 du/dx
    const auto slope =
        hn::Mul(hn::Mul(hn::Mul(v, s), hn::Sub(Constant<T>(1.0), s)),
                TwoDu<T>(v));
    at.Store(hn::Mul(at.Load(dy), hn::Add(s, slope)), dx);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace anisograd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace anisograd {
namespace {

constexpr int64_t kRows = 8;

}  // namespace

template <typename T>
void GeluForward(ThreadPool* pool, MatrixView<const T> x, MatrixView<T> y) {
  const auto row = ANISOGRAD_FOR_ISA(ForwardRow<T>);
  pool->ParallelRanges(x.rows, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) row(x.columns, x.row(i), y.row(i));
  });
}

template <typename T>
void GeluBackward(ThreadPool* pool, MatrixView<const T> dy,
                  MatrixView<const T> x, MatrixView<T> dx) {
  const auto row = ANISOGRAD_FOR_ISA(BackwardRow<T>);
  pool->ParallelRanges(x.rows, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      row(x.columns, dy.row(i), x.row(i), dx.row(i));
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
#endif  // HWY_ONCE
