#ifndef OPTIM_ADAGRAD_H_
#define OPTIM_ADAGRAD_H_

#include "optim/optimizer.pb.h"
#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// AdaGrad (Duchi, Hazan, Singer 2011), Algorithm 1, Option II, one coordinate:
//
//   v <- v + g^2
//   w <- w - learning_rate * g / (sqrt(v) + epsilon)
//
// Two conventions of epsilon fit this one form:
//   OUTSIDE_ROOT (PyTorch): epsilon as given, v starts at initial_accumulator.
//   INSIDE_ROOT (the paper): v starts at epsilon^2, and the epsilon here is 0.
// A coordinate whose gradient is zero does not move and keeps its v.
//
// V is float, double or lanes of doubles (tools/base/lanes.h).
template <typename V>
ANISOGRAD_HOST_DEVICE inline void AdaGradStep(V learning_rate, V epsilon,
                                              V gradient, V* accumulator,
                                              V* weight) {
  *accumulator = MulAdd(gradient, gradient, *accumulator);
  *weight = *weight -
            learning_rate * gradient / (Sqrt(*accumulator) + epsilon);
}

// v_{-1} of a coordinate.
inline double AdaGradInitialAccumulator(const AdaGrad& options) {
  return options.epsilon_convention() == AdaGrad::INSIDE_ROOT
             ? options.epsilon() * options.epsilon()
             : options.initial_accumulator();
}

// The epsilon that AdaGradStep is called with.
inline double AdaGradStepEpsilon(const AdaGrad& options) {
  return options.epsilon_convention() == AdaGrad::INSIDE_ROOT
             ? 0.0
             : options.epsilon();
}

}  // namespace anisograd

#endif  // OPTIM_ADAGRAD_H_
