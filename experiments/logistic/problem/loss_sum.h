#ifndef EXPERIMENTS_LOGISTIC_PROBLEM_LOSS_SUM_H_
#define EXPERIMENTS_LOGISTIC_PROBLEM_LOSS_SUM_H_

#include "absl/base/attributes.h"
#include "tools/base/host_device.h"
#include "tools/base/lanes.h"
#include "tools/base/scalar_math.h"
#include "tools/base/vector_math.h"

namespace anisograd {

// One sample's loss and gradient at z = y <x, w> share e = exp(-|z|):
//   loss       log(1 + exp(-z)) = max(-z, 0) + log(1 + e)
//   residual   sigma(-z)        = (z < 0 ? 1 : e) / (1 + e)
// and the sample's gradient is -y sigma(-z) x.
template <typename V>
ANISOGRAD_HOST_DEVICE inline V LogisticResidual(V z, V e) {
  return IfNegative(z, V(1.0), e) / (V(1.0) + e);
}

// sum_i log(1 + exp(-z_i)) over many samples, one logarithm per 512 of them:
// the factors 1 + e lie in (1, 2], so the product of 512 stays below 2^512, and
// the log of the product is the sum of the logs. Each factor adds a relative
// rounding error of 2^-53 to the product, the same as a plain sum would have.
template <typename V>
class LossSum {
 public:
  // Adds one sample and returns exp(-|z|).
  ABSL_ATTRIBUTE_ALWAYS_INLINE ANISOGRAD_HOST_DEVICE V Add(V z) {
    const V e = ExpNonPositive(-Abs(z));
    AddTerms(Hinge(z), Factor(e));
    return e;
  }

  // The same in two halves, for those who compute the terms of many samples
  // side by side and add them in order.
  ANISOGRAD_HOST_DEVICE static V Hinge(V z) { return Max(-z, V(0.0)); }
  ANISOGRAD_HOST_DEVICE static V Factor(V e) { return V(1.0) + e; }
  ABSL_ATTRIBUTE_ALWAYS_INLINE ANISOGRAD_HOST_DEVICE void AddTerms(V hinge,
                                                                   V factor) {
    hinge_ = hinge_ + hinge;
    product_ = product_ * factor;
    if (++factors_ == 512) Fold();
  }

  // The sum so far, one number a lane.
  ANISOGRAD_HOST_DEVICE V Total() {
    Fold();
    return hinge_ + logs_;
  }

 private:
  ABSL_ATTRIBUTE_ALWAYS_INLINE ANISOGRAD_HOST_DEVICE void Fold() {
    logs_ = logs_ + LogOfProduct(product_);
    product_ = V(1.0);
    factors_ = 0;
  }

  // Takes and gives values, so that the sums can stay in registers. On a GPU a
  // call would have every register of its caller's saved.
#ifndef __CUDA_ARCH__
  ABSL_ATTRIBUTE_NOINLINE
#endif
  ANISOGRAD_HOST_DEVICE static V LogOfProduct(V product) {
    alignas(32) double lanes[LaneTraits<V>::kLanes];
    LaneTraits<V>::Store(product, lanes);
    // NaN, from an exploded run, is no argument of Log and stays NaN.
    for (double& x : lanes) x = x <= 0x1.0p512 ? Log(x) : x;
    return LaneTraits<V>::Load(lanes);
  }

  V hinge_ = V(0.0);
  V product_ = V(1.0);
  V logs_ = V(0.0);
  int factors_ = 0;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_PROBLEM_LOSS_SUM_H_
