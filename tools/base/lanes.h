#ifndef TOOLS_BASE_LANES_H_
#define TOOLS_BASE_LANES_H_

#include "absl/base/attributes.h"
#include "tools/base/host_device.h"

// nvcc, which needs the scalar half alone, does not compile for AVX2.
#if !defined(__CUDACC__)
#include <immintrin.h>
#endif

namespace anisograd {

#if !defined(__CUDACC__)

// The operations on one register that Lanes is made of, by the register's width.
namespace lanes_internal {

// Of so many doubles.
template <int kDoubles>
struct Register;
template <>
struct Register<2> {
  using Type = __m128d;
};
template <>
struct Register<4> {
  using Type = __m256d;
};

// Only where a file is compiled for it.
#if defined(__AVX512F__) && defined(__AVX512DQ__)
template <>
struct Register<8> {
  using Type = __m512d;
};
inline void Broadcast(double x, __m512d* r) { *r = _mm512_set1_pd(x); }
inline void Load(const double* p, __m512d* r) { *r = _mm512_loadu_pd(p); }
inline void Store(__m512d a, double* p) { _mm512_storeu_pd(p, a); }
inline __m512d MulAdd(__m512d a, __m512d b, __m512d c) {
  return _mm512_fmadd_pd(a, b, c);
}
inline __m512d Sqrt(__m512d a) { return _mm512_sqrt_pd(a); }
inline __m512d Negate(__m512d a) {
  return _mm512_xor_pd(a, _mm512_set1_pd(-0.0));
}
inline __m512d Abs(__m512d a) {
  return _mm512_andnot_pd(_mm512_set1_pd(-0.0), a);
}
inline __m512d Max(__m512d a, __m512d b) { return _mm512_max_pd(a, b); }
inline __m512d Min(__m512d a, __m512d b) { return _mm512_min_pd(a, b); }
inline __m512d IfNegative(__m512d x, __m512d a, __m512d b) {
  return _mm512_mask_blend_pd(
      _mm512_cmp_pd_mask(x, _mm512_setzero_pd(), _CMP_LT_OQ), b, a);
}
inline int Equal(__m512d a, __m512d b) {
  return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ);
}
inline int Greater(__m512d a, __m512d b) {
  return _mm512_cmp_pd_mask(a, b, _CMP_GT_OQ);
}
inline __m512d Scale(__m512d x, __m512d k) {
  return _mm512_castsi512_pd(_mm512_add_epi64(
      _mm512_castpd_si512(x), _mm512_slli_epi64(_mm512_castpd_si512(k), 52)));
}
#endif
inline void Broadcast(double x, __m128d* r) { *r = _mm_set1_pd(x); }
inline void Broadcast(double x, __m256d* r) { *r = _mm256_set1_pd(x); }
inline void Load(const double* p, __m128d* r) { *r = _mm_loadu_pd(p); }
inline void Load(const double* p, __m256d* r) { *r = _mm256_loadu_pd(p); }
inline void Store(__m128d a, double* p) { _mm_storeu_pd(p, a); }
inline void Store(__m256d a, double* p) { _mm256_storeu_pd(p, a); }
inline __m128d MulAdd(__m128d a, __m128d b, __m128d c) {
  return _mm_fmadd_pd(a, b, c);
}
inline __m256d MulAdd(__m256d a, __m256d b, __m256d c) {
  return _mm256_fmadd_pd(a, b, c);
}
inline __m128d Sqrt(__m128d a) { return _mm_sqrt_pd(a); }
inline __m256d Sqrt(__m256d a) { return _mm256_sqrt_pd(a); }
inline __m128d Negate(__m128d a) { return _mm_xor_pd(a, _mm_set1_pd(-0.0)); }
inline __m256d Negate(__m256d a) {
  return _mm256_xor_pd(a, _mm256_set1_pd(-0.0));
}
inline __m128d Abs(__m128d a) { return _mm_andnot_pd(_mm_set1_pd(-0.0), a); }
inline __m256d Abs(__m256d a) {
  return _mm256_andnot_pd(_mm256_set1_pd(-0.0), a);
}
inline __m128d Max(__m128d a, __m128d b) { return _mm_max_pd(a, b); }
inline __m256d Max(__m256d a, __m256d b) { return _mm256_max_pd(a, b); }
inline __m128d Min(__m128d a, __m128d b) { return _mm_min_pd(a, b); }
inline __m256d Min(__m256d a, __m256d b) { return _mm256_min_pd(a, b); }
// x < 0 ? a : b.
inline __m128d IfNegative(__m128d x, __m128d a, __m128d b) {
  return _mm_blendv_pd(b, a, _mm_cmp_pd(x, _mm_setzero_pd(), _CMP_LT_OQ));
}
inline __m256d IfNegative(__m256d x, __m256d a, __m256d b) {
  return _mm256_blendv_pd(b, a,
                          _mm256_cmp_pd(x, _mm256_setzero_pd(), _CMP_LT_OQ));
}
// A bit a lane.
inline int Equal(__m128d a, __m128d b) {
  return _mm_movemask_pd(_mm_cmp_pd(a, b, _CMP_EQ_OQ));
}
inline int Equal(__m256d a, __m256d b) {
  return _mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_EQ_OQ));
}
inline int Greater(__m128d a, __m128d b) {
  return _mm_movemask_pd(_mm_cmp_pd(a, b, _CMP_GT_OQ));
}
inline int Greater(__m256d a, __m256d b) {
  return _mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_GT_OQ));
}
inline __m128d Scale(__m128d x, __m128d k) {
  return _mm_castsi128_pd(_mm_add_epi64(
      _mm_castpd_si128(x), _mm_slli_epi64(_mm_castpd_si128(k), 52)));
}
inline __m256d Scale(__m256d x, __m256d k) {
  return _mm256_castsi256_pd(_mm256_add_epi64(
      _mm256_castpd_si256(x), _mm256_slli_epi64(_mm256_castpd_si256(k), 52)));
}

}  // namespace lanes_internal

// Doubles with elementwise arithmetic, in registers of AVX2, or of AVX-512 where a
// file is compiled for it (experiments/logistic/lanes/wide_lanes.cc). A template over V that
// uses only the operations below gives, for V = Lanes, in lane i the same bits as
// for V = double on lane i's operands: every operation is correctly rounded or
// exact, and MulAdd is one rounding in both.
template <int kPerRegister, int kRegisters>
struct Lanes {
  static constexpr int kLanes = kRegisters * kPerRegister;
  using R = typename lanes_internal::Register<kPerRegister>::Type;

  R part[kRegisters];

  Lanes() = default;
  // Broadcast.
  ABSL_ATTRIBUTE_ALWAYS_INLINE Lanes(double x) {  // NOLINT: scalars mix with
    R r;                                          // lanes as in mathematics
    lanes_internal::Broadcast(x, &r);
    *this = Each([&](int) { return r; });
  }

  ABSL_ATTRIBUTE_ALWAYS_INLINE static Lanes Load(const double* p) {
    return Each([&](int i) {
      R r;
      lanes_internal::Load(p + i * kPerRegister, &r);
      return r;
    });
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Store(double* p) const {
    for (int i = 0; i < kRegisters; ++i) {
      lanes_internal::Store(part[i], p + i * kPerRegister);
    }
  }

  friend Lanes operator+(Lanes a, Lanes b) {
    return Each([&](int i) { return a.part[i] + b.part[i]; });
  }
  friend Lanes operator-(Lanes a, Lanes b) {
    return Each([&](int i) { return a.part[i] - b.part[i]; });
  }
  friend Lanes operator*(Lanes a, Lanes b) {
    return Each([&](int i) { return a.part[i] * b.part[i]; });
  }
  friend Lanes operator/(Lanes a, Lanes b) {
    return Each([&](int i) { return a.part[i] / b.part[i]; });
  }
  friend Lanes operator-(Lanes a) {
    return Each([&](int i) { return lanes_internal::Negate(a.part[i]); });
  }
  // a * b + c with one rounding.
  friend Lanes MulAdd(Lanes a, Lanes b, Lanes c) {
    return Each([&](int i) {
      return lanes_internal::MulAdd(a.part[i], b.part[i], c.part[i]);
    });
  }
  friend Lanes Sqrt(Lanes a) {
    return Each([&](int i) { return lanes_internal::Sqrt(a.part[i]); });
  }
  friend Lanes Abs(Lanes a) {
    return Each([&](int i) { return lanes_internal::Abs(a.part[i]); });
  }
  // a > b ? a : b, so b where either is NaN.
  friend Lanes Max(Lanes a, Lanes b) {
    return Each([&](int i) { return lanes_internal::Max(a.part[i], b.part[i]); });
  }
  // a < b ? a : b, so b where either is NaN.
  friend Lanes Min(Lanes a, Lanes b) {
    return Each([&](int i) { return lanes_internal::Min(a.part[i], b.part[i]); });
  }
  // x < 0 ? a : b; b where x is NaN.
  friend Lanes IfNegative(Lanes x, Lanes a, Lanes b) {
    return Each([&](int i) {
      return lanes_internal::IfNegative(x.part[i], a.part[i], b.part[i]);
    });
  }
  // True when a == b in every lane; NaN equals nothing.
  friend bool AllEqual(Lanes a, Lanes b) {
    int equal = (1 << kPerRegister) - 1;
    for (int i = 0; i < kRegisters; ++i) {
      equal &= lanes_internal::Equal(a.part[i], b.part[i]);
    }
    return equal == (1 << kPerRegister) - 1;
  }
  // True when a > b in some lane; NaN exceeds nothing.
  friend bool AnyGreater(Lanes a, Lanes b) {
    int greater = 0;
    for (int i = 0; i < kRegisters; ++i) {
      greater |= lanes_internal::Greater(a.part[i], b.part[i]);
    }
    return greater != 0;
  }
  // a * 2^k, where `biased` holds k in its low mantissa bits (k + 1.5 * 2^52)
  // and the result is a normal number.
  friend Lanes ScaleByBiasedExponent(Lanes a, Lanes biased) {
    return Each([&](int i) {
      return lanes_internal::Scale(a.part[i], biased.part[i]);
    });
  }

 private:
  // Register by register; without a loop, which compilers would keep in memory.
  template <typename F>
  ABSL_ATTRIBUTE_ALWAYS_INLINE static Lanes Each(F f) {
    static_assert(kRegisters == 1 || kRegisters == 2 || kRegisters == 4);
    Lanes out;
    out.part[0] = f(0);
    if constexpr (kRegisters > 1) out.part[1] = f(1);
    if constexpr (kRegisters > 2) {
      out.part[2] = f(2);
      out.part[3] = f(3);
    }
    return out;
  }
};

using Lanes2 = Lanes<2, 1>;
using Lanes8 = Lanes<4, 2>;
using Lanes16 = Lanes<4, 4>;

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
