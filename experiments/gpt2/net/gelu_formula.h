#ifndef EXPERIMENTS_GPT2_NET_GELU_FORMULA_H_
#define EXPERIMENTS_GPT2_NET_GELU_FORMULA_H_

#include "tools/base/host_device.h"

namespace anisograd {

// Parts of gelu.h's formula, for every device. T is float or double; V is T, or
// a vector of them.

constexpr double kGeluTwoRootTwoOverPi = 1.5957691216057308;  // 2 sqrt(2 / pi)
constexpr double kGeluCubic = 0.044715;

// 2 u.
template <typename T, typename V>
ANISOGRAD_HOST_DEVICE inline V GeluTwoU(const V& x) {
  return static_cast<T>(kGeluTwoRootTwoOverPi) *
         (x + static_cast<T>(kGeluCubic) * x * x * x);
}

// 2 du/dx.
template <typename T, typename V>
ANISOGRAD_HOST_DEVICE inline V GeluTwoDu(const V& x) {
  return static_cast<T>(kGeluTwoRootTwoOverPi) *
         (T{1} + static_cast<T>(3 * kGeluCubic) * x * x);
}

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_GELU_FORMULA_H_
