// Included once for each instruction set that Highway compiles for.
#if defined(EXPERIMENTS_GPT2_NET_VECTOR_LOOPS_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef EXPERIMENTS_GPT2_NET_VECTOR_LOOPS_H_
#undef EXPERIMENTS_GPT2_NET_VECTOR_LOOPS_H_
#else
#define EXPERIMENTS_GPT2_NET_VECTOR_LOOPS_H_
#endif

#include <cstdint>

#include "hwy/highway.h"

// Loops over arrays of numbers, for T = float or double, that have the same bits
// for any width of the processor's vectors: element i always takes the same path,
// whatever the array's address, and the partial sums of a reduction are those of
// the indices modulo 16, put together in a fixed order.
//
// Nothing in here, nor in what includes it for each instruction set, may be a
// template of the standard library or of others: its code could be the one that
// is linked where the processor lacks the instructions.

HWY_BEFORE_NAMESPACE();
namespace anisograd {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <typename T>
using Tag = hn::ScalableTag<T>;
template <typename T>
using VectorOf = hn::Vec<Tag<T>>;
template <typename T>
constexpr int64_t kLanes = HWY_MAX_BYTES / sizeof(T);

// Where in arrays a vector of elements is: `first` and those behind it.
template <typename T>
struct Whole {
  int64_t first;

  HWY_INLINE VectorOf<T> Load(const T* x) const {
    return hn::LoadU(Tag<T>(), x + first);
  }
  // Of numbers in single precision, for T = double.
  HWY_INLINE VectorOf<double> LoadFloats(const float* x) const {
    const hn::Rebind<float, Tag<double>> floats;
    return hn::PromoteTo(Tag<double>(), hn::LoadU(floats, x + first));
  }
  HWY_INLINE void Store(VectorOf<T> v, T* x) const {
    hn::StoreU(v, Tag<T>(), x + first);
  }
  HWY_INLINE VectorOf<T> Choose(VectorOf<T> here, VectorOf<T>) const {
    return here;
  }
};
// The same at the end of arrays, where only the first lanes have an element. The
// others are loaded as zero.
template <typename T>
struct Part {
  // The n elements from `first` on.
  HWY_INLINE Part(int64_t first, int64_t n)
      : first(first),
        n(n),
        lanes(hn::FirstN(Tag<T>(), static_cast<size_t>(n))) {}
  int64_t first, n;
  hn::Mask<Tag<T>> lanes;

  HWY_INLINE VectorOf<T> Load(const T* x) const {
    return hn::MaskedLoad(lanes, Tag<T>(), x + first);
  }
  HWY_INLINE VectorOf<double> LoadFloats(const float* x) const {
    HWY_ALIGN double part[kLanes<double>] = {};
    for (int64_t i = 0; i < n; ++i) part[i] = x[first + i];
    return hn::Load(Tag<double>(), part);
  }
  HWY_INLINE void Store(VectorOf<T> v, T* x) const {
    hn::BlendedStore(v, lanes, Tag<T>(), x + first);
  }
  // `here` where there is an element.
  HWY_INLINE VectorOf<T> Choose(VectorOf<T> here, VectorOf<T> elsewhere) const {
    return hn::IfThenElse(lanes, here, elsewhere);
  }
};

// f(at) for vectors of elements that together are those from 0 to n - 1.
template <typename T, typename F>
HWY_INLINE void ForVectors(int64_t n, const F& f) {
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) f(Whole<T>{i});
  if (i < n) f(Part<T>(i, n - i));
}

struct AddVectors {
  template <typename V>
  HWY_INLINE V operator()(V a, V b) const {
    return hn::Add(a, b);
  }
};
struct MaxVectors {
  template <typename V>
  HWY_INLINE V operator()(V a, V b) const {
    return hn::Max(a, b);
  }
};

// The lanes of v, folded half upon half.
template <typename D, typename V, typename Op>
HWY_INLINE hn::TFromD<D> FoldHalves(D d, V v, Op op) {
  if constexpr (hn::MaxLanes(d) == 1) {
    return hn::GetLane(v);
  } else {
    const hn::Half<D> half;
    return FoldHalves(half, op(hn::LowerHalf(half, v), hn::UpperHalf(half, v)),
                      op);
  }
}

// Folds f(at) over all elements with `op`: into 16 lanes, index i into lane
// i % 16, which begin as `start`; then the lanes half upon half.
template <typename T, typename Op, typename F>
HWY_INLINE T FoldVectors(int64_t n, T start, Op op, const F& f) {
  constexpr int64_t kFoldLanes = 16;
  constexpr int kParts = static_cast<int>(kFoldLanes / kLanes<T>);
  VectorOf<T> fold[kParts];
#pragma GCC unroll 4
  for (int p = 0; p < kParts; ++p) fold[p] = hn::Set(Tag<T>(), start);
  int64_t i = 0;
  for (; i + kFoldLanes <= n; i += kFoldLanes) {
#pragma GCC unroll 4
    for (int p = 0; p < kParts; ++p) {
      fold[p] = op(fold[p], f(Whole<T>{i + p * kLanes<T>}));
    }
  }
#pragma GCC unroll 4
  for (int p = 0; p < kParts; ++p, i += kLanes<T>) {
    if (i + kLanes<T> <= n) {
      fold[p] = op(fold[p], f(Whole<T>{i}));
    } else if (i < n) {
      const Part<T> at(i, n - i);
      fold[p] = at.Choose(op(fold[p], f(at)), fold[p]);
    }
  }
#pragma GCC unroll 2
  for (int half = kParts / 2; half > 0; half /= 2) {
#pragma GCC unroll 2
    for (int p = 0; p < half; ++p) fold[p] = op(fold[p], fold[p + half]);
  }
  return FoldHalves(Tag<T>(), fold[0], op);
}

// The sum of f(at) over all elements.
template <typename T, typename F>
HWY_INLINE T SumVectors(int64_t n, const F& f) {
  return FoldVectors<T>(n, T{0}, AddVectors(), f);
}

// sum_i a[i] b[i].
template <typename T>
HWY_INLINE T DotVectors(int64_t n, const T* a, const T* b) {
  return SumVectors<T>(n, [&](const auto& at) HWY_ATTR {
    return hn::Mul(at.Load(a), at.Load(b));
  });
}

// y 2^k for whole numbers k, which the vector holds as T; |k| < 2^8 for float,
// 2^11 for double. Rounds once.
template <typename T>
HWY_INLINE VectorOf<T> ScaleByPowerOfTwo(VectorOf<T> y, VectorOf<T> k) {
  const Tag<T> d;
  const hn::RebindToSigned<Tag<T>> di;
  constexpr int kMantissa = sizeof(T) == 4 ? 23 : 52;
  const auto bias = hn::Set(di, sizeof(T) == 4 ? 127 : 1023);
  const auto all = hn::ConvertTo(di, k);
  // In two steps: 2^k may be no number where y 2^k is one.
  const auto first = hn::ShiftRight<1>(all);
  const auto second = hn::Sub(all, first);
  const auto power = [&](decltype(all) e) HWY_ATTR {
    return hn::BitCast(d, hn::ShiftLeft<kMantissa>(hn::Add(e, bias)));
  };
  return hn::Mul(hn::Mul(y, power(first)), power(second));
}

// exp(x): Cephes' approximations, within 2 units in the last place. Beyond the
// range of T 0 or the smallest numbers there are, and infinity; NaN gives NaN.
HWY_INLINE VectorOf<float> Exp(VectorOf<float> x) {
  const Tag<float> d;
  const auto set = [&](float v) HWY_ATTR { return hn::Set(d, v); };
  // Min and Max give the second where one of the two is NaN.
  auto r = hn::Max(set(-88.723f), hn::Min(set(88.723f), x));
  // exp(x) = 2^m exp(r), |r| <= ln(2) / 2; ln(2) in two parts.
  const auto m =
      hn::Floor(hn::MulAdd(r, set(1.44269504088896341f), set(0.5f)));
  r = hn::MulAdd(m, set(-0.693359375f), r);
  r = hn::MulAdd(m, set(2.12194440e-4f), r);
  const auto r2 = hn::Mul(r, r);
  const auto r3 = hn::Mul(r2, r);
  auto high = hn::MulAdd(set(1.9875691500e-4f), r, set(1.3981999507e-3f));
  high = hn::MulAdd(high, r, set(8.3334519073e-3f));
  auto low = hn::MulAdd(set(4.1665795894e-2f), r, set(1.6666665459e-1f));
  low = hn::MulAdd(low, r, set(5.0000001201e-1f));
  const auto y = hn::MulAdd(hn::MulAdd(high, r3, low), r2,
                            hn::Add(r, set(1.0f)));
  return hn::Max(x, ScaleByPowerOfTwo<float>(y, m));
}
HWY_INLINE VectorOf<double> Exp(VectorOf<double> x) {
  const Tag<double> d;
  const auto set = [&](double v) HWY_ATTR { return hn::Set(d, v); };
  auto r = hn::Max(set(-709.784), hn::Min(set(709.784), x));
  const auto m = hn::Floor(hn::MulAdd(set(1.4426950408889634), r, set(0.5)));
  r = hn::Sub(hn::Sub(r, hn::Mul(m, set(0.693145751953125))),
              hn::Mul(m, set(1.42860682030941723212e-6)));
  // exp(r) = 1 + 2 p / (q - p), p odd and q even in r.
  const auto r2 = hn::Mul(r, r);
  auto p = hn::MulAdd(set(1.26177193074810590878e-4), r2,
                      set(3.02994407707441961300e-2));
  p = hn::Mul(hn::MulAdd(p, r2, set(9.99999999999999999910e-1)), r);
  auto q = hn::MulAdd(set(3.00198505138664455042e-6), r2,
                      set(2.52448340349684104192e-3));
  q = hn::MulAdd(q, r2, set(2.27265548208155028766e-1));
  q = hn::MulAdd(q, r2, set(2.00000000000000000009e0));
  const auto y =
      hn::MulAdd(set(2.0), hn::Div(p, hn::Sub(q, p)), set(1.0));
  return hn::Max(x, ScaleByPowerOfTwo<double>(y, m));
}

}  // namespace HWY_NAMESPACE
}  // namespace anisograd
HWY_AFTER_NAMESPACE();

#endif  // EXPERIMENTS_GPT2_NET_VECTOR_LOOPS_H_
