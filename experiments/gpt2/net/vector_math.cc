#include "experiments/gpt2/net/vector_math.h"

#include "tools/base/isa.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "experiments/gpt2/net/vector_math.cc"
#include "hwy/foreach_target.h"
#include "experiments/gpt2/net/vector_loops.h"

HWY_BEFORE_NAMESPACE();
namespace anisograd {
namespace HWY_NAMESPACE {
namespace {

template <typename T>
void AddArrays(int64_t n, const T* a, const T* b, T* out) {
  ForVectors<T>(n, [=](const auto& at) HWY_ATTR {
    at.Store(hn::Add(at.Load(a), at.Load(b)), out);
  });
}

template <typename T>
void ScaleArray(int64_t n, T factor, T* x) {
  ForVectors<T>(n, [=](const auto& at) HWY_ATTR {
    at.Store(hn::Mul(at.Load(x), hn::Set(Tag<T>(), factor)), x);
  });
}

template <typename T>
T DotArrays(int64_t n, const T* a, const T* b) {
  return DotVectors(n, a, b);
}

double SumOfSquaresArray(int64_t n, const float* x) {
  return SumVectors<double>(n, [=](const auto& at) HWY_ATTR {
    const auto v = at.LoadFloats(x);
    return hn::Mul(v, v);
  });
}

template <typename T>
void ExpOfScaledArray(int64_t n, T factor, T shift, T* x) {
  const Tag<T> d;
  ForVectors<T>(n, [=](const auto& at) HWY_ATTR {
    at.Store(Exp(hn::Sub(hn::Mul(at.Load(x), hn::Set(d, factor)),
                         hn::Set(d, shift))),
             x);
  });
}

template <typename T>
T SoftmaxNumeratorsOf(int64_t n, T factor, T* x, T* max) {
  const Tag<T> d;
  const T m = FoldVectors<T>(
      n, factor * x[0], MaxVectors(), [=](const auto& at) HWY_ATTR {
        return hn::Mul(at.Load(x), hn::Set(d, factor));
      });
  *max = m;
  return SumVectors<T>(n, [=](const auto& at) HWY_ATTR {
    const auto e = Exp(
        hn::Sub(hn::Mul(at.Load(x), hn::Set(d, factor)), hn::Set(d, m)));
    at.Store(e, x);
    return e;
  });
}

template <typename T>
void SoftmaxGradientArray(int64_t n, const T* kept, T shift, T factor, T* p,
                          T* y) {
  const Tag<T> d;
  ForVectors<T>(n, [=](const auto& at) HWY_ATTR {
    const auto k = at.Load(kept), probability = at.Load(p);
    const auto inner = hn::Sub(hn::Mul(at.Load(y), k), hn::Set(d, shift));
    at.Store(hn::Mul(hn::Mul(probability, inner), hn::Set(d, factor)), y);
    at.Store(hn::Mul(probability, k), p);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace anisograd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace anisograd {

template <typename T>
void Add(int64_t n, const T* a, const T* b, T* out) {
  ANISOGRAD_FOR_ISA(AddArrays<T>)(n, a, b, out);
}
template <typename T>
void Scale(int64_t n, T factor, T* x) {
  ANISOGRAD_FOR_ISA(ScaleArray<T>)(n, factor, x);
}
template <typename T>
T Dot(int64_t n, const T* a, const T* b) {
  return ANISOGRAD_FOR_ISA(DotArrays<T>)(n, a, b);
}
double SumOfSquares(int64_t n, const float* x) {
  return ANISOGRAD_FOR_ISA(SumOfSquaresArray)(n, x);
}
template <typename T>
T SoftmaxNumerators(int64_t n, T factor, T* x, T* max) {
  return ANISOGRAD_FOR_ISA(SoftmaxNumeratorsOf<T>)(n, factor, x, max);
}
template <typename T>
void ExpOfScaled(int64_t n, T factor, T shift, T* x) {
  ANISOGRAD_FOR_ISA(ExpOfScaledArray<T>)(n, factor, shift, x);
}
template <typename T>
void SoftmaxGradient(int64_t n, const T* kept, T shift, T factor, T* p, T* y) {
  ANISOGRAD_FOR_ISA(SoftmaxGradientArray<T>)(n, kept, shift, factor, p, y);
}

#define ANISOGRAD_INSTANTIATE(T)                               \
  template void Add<T>(int64_t, const T*, const T*, T*);       \
  template void Scale<T>(int64_t, T, T*);                      \
  template T Dot<T>(int64_t, const T*, const T*);              \
  template T SoftmaxNumerators<T>(int64_t, T, T*, T*);         \
  template void ExpOfScaled<T>(int64_t, T, T, T*);             \
  template void SoftmaxGradient<T>(int64_t, const T*, T, T, T*, T*)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(double);
#undef ANISOGRAD_INSTANTIATE

}  // namespace anisograd
#endif  // HWY_ONCE
