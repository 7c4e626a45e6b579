#ifndef OPTIM_ADAGRAD_NORM_H_
#define OPTIM_ADAGRAD_NORM_H_

#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// AdaGrad-Norm (Streeter and McMahan 2010; Ward et al. 2020), Algorithm 3: one
// accumulator for all coordinates, b_{-1} = epsilon,
//
//   b^2 <- b^2 + |g|_2^2
//   w   <- w - (learning_rate / b) * g
//
// Returns learning_rate / b, the rate of an SGD step (optim/sgd.h) on every
// coordinate.
//
// V is float, double or lanes of doubles (tools/base/lanes.h).
template <typename V>
ANISOGRAD_HOST_DEVICE inline V AdaGradNormRate(V learning_rate,
                                               V gradient_norm_squared,
                                               V* accumulator) {
  *accumulator = *accumulator + gradient_norm_squared;
  return learning_rate / Sqrt(*accumulator);
}

// The same for a norm that was summed in double. Without a gradient yet and
// epsilon^2 below the smallest float there is nothing to do: the rate is 0.
template <typename T>
ANISOGRAD_HOST_DEVICE inline T AdaGradNormRateOfSum(
    T learning_rate, double gradient_norm_squared, T* accumulator) {
  if (gradient_norm_squared == 0.0) return T(0);
  return AdaGradNormRate(learning_rate, static_cast<T>(gradient_norm_squared),
                         accumulator);
}

}  // namespace anisograd

#endif  // OPTIM_ADAGRAD_NORM_H_
