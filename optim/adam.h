#ifndef OPTIM_ADAM_H_
#define OPTIM_ADAM_H_

#include "optim/optimizer.pb.h"
#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// Constants of one Adam step t (counted from 0) that all coordinates share.
template <typename V>
struct AdamStepConstants {
  V beta1;
  V beta2;
  V epsilon;
  // 1 / (1 - beta1^(t+1)) and 1 / (1 - beta2^(t+1)): coordinates multiply by
  // them, since a division costs as much as the rest of the step.
  V inverse_bias_correction1;
  V inverse_bias_correction2;
};

// Adam (Kingma and Ba 2015, Algorithm 1), one coordinate:
//
//   m <- beta1 m + (1 - beta1) g
//   v <- beta2 v + (1 - beta2) g^2
//   w <- w - learning_rate * mhat / (sqrt(vhat) + epsilon),
//        mhat = m / (1 - beta1^(t+1)), vhat = v / (1 - beta2^(t+1))
//
// V is float, double or lanes of doubles (tools/base/lanes.h).
template <typename V>
ANISOGRAD_HOST_DEVICE inline void AdamStep(V learning_rate,
                                           const AdamStepConstants<V>& c,
                                           V gradient, V* first_moment,
                                           V* second_moment, V* weight) {
  const V one(1.0f);
  *first_moment =
      MulAdd(one - c.beta1, gradient, c.beta1 * *first_moment);
  *second_moment =
      MulAdd((one - c.beta2) * gradient, gradient, c.beta2 * *second_moment);
  const V root =
      Sqrt(*second_moment * c.inverse_bias_correction2) + c.epsilon;
  *weight = *weight - (learning_rate * c.inverse_bias_correction1) *
                          *first_moment / root;
}

// The constants of the next step. `powers` are beta1^t and beta2^t, 1 before
// the first step, and become those of t + 1.
template <typename T>
inline AdamStepConstants<T> NextAdamConstants(const Adam& options,
                                              T powers[2]) {
  const T beta1 = static_cast<T>(options.beta1());
  const T beta2 = static_cast<T>(options.beta2());
  powers[0] *= beta1;
  powers[1] *= beta2;
  return {beta1, beta2, static_cast<T>(options.epsilon()),
          T(1) / (T(1) - powers[0]), T(1) / (T(1) - powers[1])};
}

}  // namespace anisograd

#endif  // OPTIM_ADAM_H_
