#ifndef TOOLS_BASE_VECTOR_MATH_H_
#define TOOLS_BASE_VECTOR_MATH_H_

#include <cstdint>
#include <cstring>
#include <limits>

#include "absl/base/attributes.h"
#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// Elementary functions as templates over V = double or Lanes8 (lanes.h). They
// are our own because results must be the same bits on every machine: the C
// library picks its exp and log by the processor and by its own version.

// exp(x) for x <= 0, within 2 units in the last place; below -707 the result
// is exp(-707), about 1e-307. NaN gives NaN.
//
// x = k ln 2 + r with |r| <= ln(2) / 2 (Cody and Waite's two-part ln 2), then
// the Taylor polynomial of degree 13, whose remainder is below 5e-18.
template <typename V>
ABSL_ATTRIBUTE_ALWAYS_INLINE ANISOGRAD_HOST_DEVICE inline V ExpNonPositive(
    V x) {
  x = Max(V(-707.0), x);
  // Adding 1.5 * 2^52 rounds to the nearest integer, left in the low bits.
  const V shift(0x1.8p52);
  const V biased = MulAdd(x, V(0x1.71547652b82fep+0), shift);  // 1 / ln 2
  const V k = biased - shift;
  V r = MulAdd(k, V(-0x1.62e42fefa39efp-1), x);  // ln 2, high part
  r = MulAdd(k, V(-0x1.abc9e3b39803fp-56), r);   // ln 2, low part
  // Estrin's scheme: pairs, then powers of r^2, for a short dependency chain.
  const V r2 = r * r;
  const V r4 = r2 * r2;
  const V p01 = r + V(1.0);
  const V p23 = MulAdd(r, V(1.0 / 6), V(1.0 / 2));
  const V p45 = MulAdd(r, V(1.0 / 120), V(1.0 / 24));
  const V p67 = MulAdd(r, V(1.0 / 5040), V(1.0 / 720));
  const V p89 = MulAdd(r, V(1.0 / 362880), V(1.0 / 40320));
  const V pab = MulAdd(r, V(1.0 / 39916800), V(1.0 / 3628800));
  const V pcd = MulAdd(r, V(1.0 / 6227020800.0), V(1.0 / 479001600.0));
  const V q0 = MulAdd(p23, r2, p01);
  const V q1 = MulAdd(p67, r2, p45);
  const V q2 = MulAdd(pab, r2, p89);
  const V h1 = MulAdd(pcd, r4, q2);
  const V h0 = MulAdd(q1, r4, q0);
  const V p = MulAdd(h1, r4 * r4, h0);
  return ScaleByBiasedExponent(p, biased);
}

// log(x) for finite normal x > 0, within 2 units in the last place.
//
// x = 2^k m with m in [sqrt(1/2), sqrt(2)), s = (m - 1) / (m + 1), and
// log m = 2 atanh s by its series to s^21 (|s| < 0.1716).
ANISOGRAD_HOST_DEVICE inline double Log(double x) {
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  // Subtracting the bits of sqrt(1/2) makes the exponent field count from m's
  // range rather than from [1, 2).
  const uint64_t offset = 0x3FE6A09E667F3BCD;
  const int64_t k = static_cast<int64_t>(bits - offset) >> 52;
  bits -= static_cast<uint64_t>(k) << 52;
  double m;
  std::memcpy(&m, &bits, sizeof(m));
  const double s = (m - 1.0) / (m + 1.0);
  const double s2 = s * s;
  double p = 1.0 / 21;
  for (int n = 19; n >= 3; n -= 2) p = MulAdd(p, s2, 1.0 / n);
  const double log_m = MulAdd(2.0 * s * s2, p, 2.0 * s);
  const double dk = static_cast<double>(k);
  return MulAdd(dk, 0x1.62e42fefa39efp-1,
                MulAdd(dk, 0x1.abc9e3b39803fp-56, log_m));
}

// The same; infinity and NaN, of runs that diverge, are their own logarithms.
inline double LogOrNotFinite(double x) {
  return x <= std::numeric_limits<double>::max() ? Log(x) : x;
}

// sin(x) for |x| <= pi / 4, within 2 units in the last place: the Taylor series to
// x^17, whose remainder is below 1e-19 relative.
inline double Sine(double x) {
  const double x2 = x * x;
  double p = 1.0 / 355687428096000;        // 17!
  p = MulAdd(p, x2, -1.0 / 1307674368000);  // 15!
  p = MulAdd(p, x2, 1.0 / 6227020800);
  p = MulAdd(p, x2, -1.0 / 39916800);
  p = MulAdd(p, x2, 1.0 / 362880);
  p = MulAdd(p, x2, -1.0 / 5040);
  p = MulAdd(p, x2, 1.0 / 120);
  p = MulAdd(p, x2, -1.0 / 6);
  return MulAdd(p * x2, x, x);
}

}  // namespace anisograd

#endif  // TOOLS_BASE_VECTOR_MATH_H_
