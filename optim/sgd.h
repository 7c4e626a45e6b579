#ifndef OPTIM_SGD_H_
#define OPTIM_SGD_H_

#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// Stochastic gradient descent, Algorithm 2, Option II, one coordinate:
//
//   w <- w - learning_rate * g        (one rounding: fused multiply-add)
//
// V is float, double or lanes of doubles (tools/base/lanes.h).
template <typename V>
ANISOGRAD_HOST_DEVICE inline void SgdStep(V learning_rate, V gradient,
                                          V* weight) {
  *weight = MulAdd(-learning_rate, gradient, *weight);
}

}  // namespace anisograd

#endif  // OPTIM_SGD_H_
