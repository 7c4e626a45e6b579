#ifndef OPTIM_ADAM_H_
#define OPTIM_ADAM_H_

#include <cstdint>

#include "optim/optimizer.pb.h"
#include "optim/rule.h"
#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"
#include "tools/base/status_macros.h"

namespace anisograd {

// Adam (Kingma and Ba 2015, Algorithm 1), one coordinate, t counted from 0:
//
//   m <- beta1 m + (1 - beta1) g
//   v <- beta2 v + (1 - beta2) g^2
//   w <- w - rate * mhat / (sqrt(vhat) + epsilon),
//        mhat = m / (1 - beta1^(t+1)), vhat = v / (1 - beta2^(t+1))
template <typename T>
struct AdamRule : RuleDefaults {
  static constexpr OptimizerSpec::RuleCase kCase = OptimizerSpec::kAdam;
  static constexpr const char* kName = "adam";
  static constexpr const char* kTitle = "Adam";
  static void SetUsual(OptimizerSpec* spec) {
    spec->mutable_adam()->set_beta1(0.9);
    spec->mutable_adam()->set_beta2(0.999);
    spec->mutable_adam()->set_epsilon(1e-8);
  }
  static absl::Status Validate(const OptimizerSpec& spec,
                               absl::string_view field) {
    const Adam& options = spec.adam();
    if (!(options.beta1() >= 0.0)) {
      return BadConstant(field, "beta1", "must be in [0, 1)", options.beta1());
    }
    RETURN_IF_ERROR(CheckBelowOne(field, "beta1", options.beta1()));
    RETURN_IF_ERROR(CheckPositive(field, "beta2", options.beta2()));
    RETURN_IF_ERROR(CheckBelowOne(field, "beta2", options.beta2()));
    return CheckPositive(field, "epsilon", options.epsilon());
  }

  explicit AdamRule(const OptimizerSpec& spec)
      : beta1(static_cast<T>(spec.adam().beta1())),
        beta2(static_cast<T>(spec.adam().beta2())),
        epsilon(RoundPositive<T>(spec.adam().epsilon())) {}

  static constexpr int kStates = 2;
  static constexpr const char* kStateNames[] = {"first_moment",
                                                "second_moment"};

  // The clock is beta1^t, beta2^t; the numbers of step t are
  // 1 / (1 - beta1^(t+1)) and 1 / (1 - beta2^(t+1)): coordinates multiply by
  // them, since a division costs as much as the rest of the step.
  static constexpr int kClock = 2;
  static constexpr const char* kClockName = "powers";
  void Advance(T clock[kClock]) {
    clock[0] *= beta1;
    clock[1] *= beta2;
    for (int i = 0; i < kClock; ++i) numbers[i] = T(1) / (T(1) - clock[i]);
  }

  template <typename V>
  ANISOGRAD_HOST_DEVICE void Step(V rate, V g, V* states, V* w) const {
    states[0] = MulAdd(V(T(1) - beta1), g, V(beta1) * states[0]);
    states[1] = MulAdd(V(T(1) - beta2) * g, g, V(beta2) * states[1]);
    *w = *w - (rate * V(numbers[0])) * states[0] / Metric(states);
  }

  static constexpr bool kEuclidean = false;
  template <typename V>
  ANISOGRAD_HOST_DEVICE V Metric(const V* states) const {
    return Sqrt(states[1] * V(numbers[1])) + V(epsilon);
  }

  // Adam moves a coordinate on momentum while its gradient is zero. In sparse
  // problems most coordinates rest at most steps, so their steps can be put off
  // until somebody reads the weight, and then replayed here: exact, not the
  // approximation known as lazy or sparse Adam, which drops those steps.
  //
  // Replaying stops early at the step whose update no longer changes w in any
  // lane. From there on it never will, since |update| falls at every step: it
  // shrinks by beta1 / sqrt(beta2) < 1 from the moments, and the growth of the
  // bias corrections' ratio is below its inverse once t >= 5 for the usual
  // betas. The remaining steps only scale m and v, by powers of beta1 and
  // beta2. So one catch-up costs at most about 400 steps (0.9^400 = 5e-19)
  // however long the rest was, and the result equals the dense rule's up to the
  // rounding of those powers.
  static constexpr AtRest kAtRest = AtRest::kAllMove;
  template <typename History, typename V>
  ANISOGRAD_HOST_DEVICE void CatchUp(const History& history, int64_t from,
                                     int64_t to, V* states, V* w) const {
    constexpr int64_t kRatioFallsFrom = 5;
    AdamRule rule = *this;
    for (int64_t t = from; t < to; ++t) {
      const V before = *w;
      history.Load(t, rule.numbers);
      rule.Step(history.learning_rate(t), V(0.0), states, w);
      if (t >= kRatioFallsFrom && AllEqual(*w, before)) {
        const int64_t rest = to - t - 1;
        states[0] = states[0] * V(IntegerPower(beta1, rest));
        states[1] = states[1] * V(IntegerPower(beta2, rest));
        return;
      }
    }
  }

  T beta1;
  T beta2;
  T epsilon;
  T numbers[kClock] = {};
};

}  // namespace anisograd

#endif  // OPTIM_ADAM_H_
