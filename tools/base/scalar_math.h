#ifndef TOOLS_BASE_SCALAR_MATH_H_
#define TOOLS_BASE_SCALAR_MATH_H_

#include <cmath>
#include <cstdint>
#include <cstring>

#include "tools/base/host_device.h"

namespace anisograd {

// The elementwise operations of Lanes8 (lanes.h) for scalars, so that one
// template serves both.

// a * b + c with one rounding.
ANISOGRAD_HOST_DEVICE inline double MulAdd(double a, double b, double c) {
  return std::fma(a, b, c);
}
ANISOGRAD_HOST_DEVICE inline float MulAdd(float a, float b, float c) {
  return std::fma(a, b, c);
}
ANISOGRAD_HOST_DEVICE inline double Sqrt(double a) { return std::sqrt(a); }
ANISOGRAD_HOST_DEVICE inline float Sqrt(float a) { return std::sqrt(a); }

ANISOGRAD_HOST_DEVICE inline bool AllEqual(double a, double b) {
  return a == b;
}
ANISOGRAD_HOST_DEVICE inline bool AnyGreater(double a, double b) {
  return a > b;
}
ANISOGRAD_HOST_DEVICE inline double Max(double a, double b) {
  return a > b ? a : b;
}
ANISOGRAD_HOST_DEVICE inline double Min(double a, double b) {
  return a < b ? a : b;
}
ANISOGRAD_HOST_DEVICE inline double Abs(double a) { return std::fabs(a); }
ANISOGRAD_HOST_DEVICE inline double IfNegative(double x, double a, double b) {
  return x < 0.0 ? a : b;
}
ANISOGRAD_HOST_DEVICE inline float IfNegative(float x, float a, float b) {
  return x < 0.0f ? a : b;
}
ANISOGRAD_HOST_DEVICE inline double ScaleByBiasedExponent(double a,
                                                          double biased) {
  uint64_t bits, k;
  std::memcpy(&bits, &a, sizeof(bits));
  std::memcpy(&k, &biased, sizeof(k));
  bits += k << 52;
  std::memcpy(&a, &bits, sizeof(a));
  return a;
}

}  // namespace anisograd

#endif  // TOOLS_BASE_SCALAR_MATH_H_
