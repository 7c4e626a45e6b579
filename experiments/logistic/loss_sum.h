#ifndef EXPERIMENTS_LOGISTIC_LOSS_SUM_H_
#define EXPERIMENTS_LOGISTIC_LOSS_SUM_H_

#include "absl/base/attributes.h"
#include "tools/base/lanes.h"
#include "tools/base/vector_math.h"

namespace anisograd {

// One sample's loss and gradient at z = y <x, w> share e = exp(-|z|):
//   loss       log(1 + exp(-z)) = max(-z, 0) + log(1 + e)
//   residual   sigma(-z)        = (z < 0 ? 1 : e) / (1 + e)
// and the sample's gradient is -y sigma(-z) x.
template <typename V>
inline V LogisticResidual(V z, V e) {
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
  ABSL_ATTRIBUTE_ALWAYS_INLINE V Add(V z) {
    const V e = ExpNonPositive(-Abs(z));
    hinge_ = hinge_ + Max(-z, V(0.0));
    product_ = product_ * (V(1.0) + e);
    if (++factors_ == 512) Fold();
    return e;
  }

  // The sum so far, one number a lane.
  V Total() {
    Fold();
    return hinge_ + logs_;
  }

 private:
  ABSL_ATTRIBUTE_NOINLINE void Fold() {
    alignas(32) double lanes[LaneTraits<V>::kLanes];
    LaneTraits<V>::Store(product_, lanes);
    // NaN, from an exploded run, is no argument of Log and stays NaN.
    for (double& x : lanes) x = x <= 0x1.0p512 ? Log(x) : x;
    logs_ = logs_ + LaneTraits<V>::Load(lanes);
    product_ = V(1.0);
    factors_ = 0;
  }

  V hinge_ = V(0.0);
  V product_ = V(1.0);
  V logs_ = V(0.0);
  int factors_ = 0;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LOSS_SUM_H_
