#ifndef TOOLS_BASE_LANES_H_
#define TOOLS_BASE_LANES_H_

#include "tools/base/host_device.h"

// nvcc, which needs the scalar half alone, does not compile for AVX2.
#if !defined(__CUDACC__)
#include <immintrin.h>
#endif

namespace anisograd {

#if !defined(__CUDACC__)

// Eight doubles with elementwise arithmetic, in two AVX2 registers. A template
// over V that uses only the operations below gives, for V = Lanes8, in lane i
// the same bits as for V = double on lane i's operands: every operation is
// correctly rounded or exact, and MulAdd is one rounding in both.
struct Lanes8 {
  static constexpr int kLanes = 8;

  __m256d lo, hi;

  Lanes8() = default;
  Lanes8(__m256d low, __m256d high) : lo(low), hi(high) {}
  // Broadcast.
  Lanes8(double x)  // NOLINT: scalars mix with lanes as in mathematics
      : lo(_mm256_set1_pd(x)), hi(lo) {}

  // `p` must be aligned to 32 bytes.
  static Lanes8 Load(const double* p) {
    return {_mm256_load_pd(p), _mm256_load_pd(p + 4)};
  }
  void Store(double* p) const {
    _mm256_store_pd(p, lo);
    _mm256_store_pd(p + 4, hi);
  }

  friend Lanes8 operator+(Lanes8 a, Lanes8 b) {
    return {_mm256_add_pd(a.lo, b.lo), _mm256_add_pd(a.hi, b.hi)};
  }
  friend Lanes8 operator-(Lanes8 a, Lanes8 b) {
    return {_mm256_sub_pd(a.lo, b.lo), _mm256_sub_pd(a.hi, b.hi)};
  }
  friend Lanes8 operator*(Lanes8 a, Lanes8 b) {
    return {_mm256_mul_pd(a.lo, b.lo), _mm256_mul_pd(a.hi, b.hi)};
  }
  friend Lanes8 operator/(Lanes8 a, Lanes8 b) {
    return {_mm256_div_pd(a.lo, b.lo), _mm256_div_pd(a.hi, b.hi)};
  }
  friend Lanes8 operator-(Lanes8 a) {
    const __m256d sign = _mm256_set1_pd(-0.0);
    return {_mm256_xor_pd(a.lo, sign), _mm256_xor_pd(a.hi, sign)};
  }
  // a * b + c with one rounding.
  friend Lanes8 MulAdd(Lanes8 a, Lanes8 b, Lanes8 c) {
    return {_mm256_fmadd_pd(a.lo, b.lo, c.lo),
            _mm256_fmadd_pd(a.hi, b.hi, c.hi)};
  }
  friend Lanes8 Sqrt(Lanes8 a) {
    return {_mm256_sqrt_pd(a.lo), _mm256_sqrt_pd(a.hi)};
  }
  friend Lanes8 Abs(Lanes8 a) {
    const __m256d sign = _mm256_set1_pd(-0.0);
    return {_mm256_andnot_pd(sign, a.lo), _mm256_andnot_pd(sign, a.hi)};
  }
  // a > b ? a : b, so b where either is NaN.
  friend Lanes8 Max(Lanes8 a, Lanes8 b) {
    return {_mm256_max_pd(a.lo, b.lo), _mm256_max_pd(a.hi, b.hi)};
  }
  // a < b ? a : b, so b where either is NaN.
  friend Lanes8 Min(Lanes8 a, Lanes8 b) {
    return {_mm256_min_pd(a.lo, b.lo), _mm256_min_pd(a.hi, b.hi)};
  }
  // x < 0 ? a : b; b where x is NaN.
  friend Lanes8 IfNegative(Lanes8 x, Lanes8 a, Lanes8 b) {
    const __m256d zero = _mm256_setzero_pd();
    return {_mm256_blendv_pd(b.lo, a.lo,
                             _mm256_cmp_pd(x.lo, zero, _CMP_LT_OQ)),
            _mm256_blendv_pd(b.hi, a.hi,
                             _mm256_cmp_pd(x.hi, zero, _CMP_LT_OQ))};
  }
  // True when a == b in every lane; NaN equals nothing.
  friend bool AllEqual(Lanes8 a, Lanes8 b) {
    const __m256d eq = _mm256_and_pd(_mm256_cmp_pd(a.lo, b.lo, _CMP_EQ_OQ),
                                     _mm256_cmp_pd(a.hi, b.hi, _CMP_EQ_OQ));
    return _mm256_movemask_pd(eq) == 0xF;
  }
  // True when a > b in some lane; NaN exceeds nothing.
  friend bool AnyGreater(Lanes8 a, Lanes8 b) {
    return _mm256_movemask_pd(
               _mm256_or_pd(_mm256_cmp_pd(a.lo, b.lo, _CMP_GT_OQ),
                            _mm256_cmp_pd(a.hi, b.hi, _CMP_GT_OQ))) != 0;
  }
  // a * 2^k, where `biased` holds k in its low mantissa bits (k + 1.5 * 2^52)
  // and the result is a normal number.
  friend Lanes8 ScaleByBiasedExponent(Lanes8 a, Lanes8 biased) {
    const auto scale = [](__m256d x, __m256d k) {
      return _mm256_castsi256_pd(
          _mm256_add_epi64(_mm256_castpd_si256(x),
                           _mm256_slli_epi64(_mm256_castpd_si256(k), 52)));
    };
    return {scale(a.lo, biased.lo), scale(a.hi, biased.hi)};
  }
};

#endif  // !defined(__CUDACC__)

// The same operations on one double: the plain path that lanes are tested
// against, and the one that runs a single configuration.
template <typename V>
struct LaneTraits {
  static constexpr int kLanes = V::kLanes;
  static V Load(const double* p) { return V::Load(p); }
  static void Store(const V& v, double* p) { v.Store(p); }
};

template <>
struct LaneTraits<double> {
  static constexpr int kLanes = 1;
  ANISOGRAD_HOST_DEVICE static double Load(const double* p) { return *p; }
  ANISOGRAD_HOST_DEVICE static void Store(double v, double* p) { *p = v; }
};

}  // namespace anisograd

#endif  // TOOLS_BASE_LANES_H_
