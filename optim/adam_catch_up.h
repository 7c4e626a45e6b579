#ifndef OPTIM_ADAM_CATCH_UP_H_
#define OPTIM_ADAM_CATCH_UP_H_

#include <cstdint>
#include <vector>

#include "optim/adam.h"
#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// Adam moves a coordinate on momentum while its gradient is zero. In sparse
// problems most coordinates rest at most steps, so their steps are put off
// until somebody reads the weight, and then replayed here: exact, not the
// approximation known as lazy or sparse Adam, which drops those steps.
//
// Replaying stops early at the step whose update no longer changes w in any
// lane. From there on it never will, since |update| falls at every step: it
// shrinks by beta1 / sqrt(beta2) < 1 from the moments, and the growth of the
// bias corrections' ratio is below its inverse once t >= 5 for the usual betas.
// The remaining steps only scale m and v, by powers of beta1 and beta2. So one
// catch-up costs at most about 400 steps (0.9^400 = 5e-19) however long the
// rest was, and the result equals the dense rule's up to the rounding of those
// powers.

// What the steps so far have in common: per step t the learning rate (one for
// each lane of V) and Adam's constants.
template <typename V>
class AdamHistory {
 public:
  AdamHistory(double beta1, double beta2, double epsilon)
      : beta1_(beta1), beta2_(beta2), epsilon_(epsilon) {}

  // Appends step t = steps() with its learning rate.
  void Append(V learning_rate) {
    power1_ *= beta1_;
    power2_ *= beta2_;
    learning_rate_.push_back(learning_rate);
    inverse_correction1_.push_back(1.0 / (1.0 - power1_));
    inverse_correction2_.push_back(1.0 / (1.0 - power2_));
  }

  int64_t steps() const { return static_cast<int64_t>(learning_rate_.size()); }
  V learning_rate(int64_t t) const { return learning_rate_[t]; }
  AdamStepConstants<V> constants(int64_t t) const {
    return {V(beta1_), V(beta2_), V(epsilon_), V(inverse_correction1_[t]),
            V(inverse_correction2_[t])};
  }
  double beta1() const { return beta1_; }
  double beta2() const { return beta2_; }

 private:
  double beta1_, beta2_, epsilon_;
  double power1_ = 1.0, power2_ = 1.0;
  std::vector<V> learning_rate_;
  std::vector<double> inverse_correction1_, inverse_correction2_;
};

// base^n by squaring: the same bits everywhere, which std::pow does not promise.
ANISOGRAD_HOST_DEVICE inline double IntegerPower(double base, int64_t n) {
  double result = 1.0;
  for (; n > 0; n >>= 1, base *= base) {
    if (n & 1) result *= base;
  }
  return result;
}

// Applies the steps from .. to - 1 of `history` with zero gradient to one
// coordinate. History is AdamHistory<V>, or what answers its questions
// elsewhere, such as on a device.
template <typename History, typename V>
ANISOGRAD_HOST_DEVICE inline void CatchUpAdam(const History& history,
                                              int64_t from, int64_t to,
                                              V* first_moment,
                                              V* second_moment, V* weight) {
  constexpr int64_t kRatioFallsFrom = 5;
  for (int64_t t = from; t < to; ++t) {
    const V before = *weight;
    AdamStep(history.learning_rate(t), history.constants(t), V(0.0),
             first_moment, second_moment, weight);
    if (t >= kRatioFallsFrom && AllEqual(*weight, before)) {
      const int64_t rest = to - t - 1;
      *first_moment = *first_moment * V(IntegerPower(history.beta1(), rest));
      *second_moment = *second_moment * V(IntegerPower(history.beta2(), rest));
      return;
    }
  }
}

}  // namespace anisograd

#endif  // OPTIM_ADAM_CATCH_UP_H_
