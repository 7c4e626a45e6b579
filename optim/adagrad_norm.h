#ifndef OPTIM_ADAGRAD_NORM_H_
#define OPTIM_ADAGRAD_NORM_H_

#include "optim/optimizer.pb.h"
#include "optim/rule.h"
#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// AdaGrad-Norm (Streeter and McMahan 2010; Ward et al. 2020), Algorithm 3: one
// accumulator for all coordinates, b_{-1} = epsilon,
//
//   b^2 <- b^2 + |g|_2^2
//   w   <- w - (learning_rate / b) * g
template <typename T>
struct AdaGradNormRule : RuleDefaults {
  static constexpr OptimizerSpec::RuleCase kCase = OptimizerSpec::kAdagradNorm;
  static constexpr const char* kName = "adagrad_norm";
  static constexpr const char* kTitle = "AdaGrad-Norm";
  static void SetUsual(OptimizerSpec* spec) {
    spec->mutable_adagrad_norm()->set_epsilon(1e-10);
  }
  static absl::Status Validate(const OptimizerSpec& spec,
                               absl::string_view field) {
    return CheckPositive(field, "epsilon", spec.adagrad_norm().epsilon());
  }

  explicit AdaGradNormRule(const OptimizerSpec& spec)
      : epsilon_squared(RoundPositive<T>(spec.adagrad_norm().epsilon() *
                                         spec.adagrad_norm().epsilon())) {}

  static constexpr bool kNeedsNorm = true;
  T InitialAccumulator() const { return epsilon_squared; }
  template <typename V>
  ANISOGRAD_HOST_DEVICE V Rate(V learning_rate, V norm_squared,
                               V* accumulator) const {
    *accumulator = *accumulator + norm_squared;
    return learning_rate / Sqrt(*accumulator);
  }

  template <typename V>
  ANISOGRAD_HOST_DEVICE void Step(V rate, V g, V* states, V* w) const {
    *w = MulAdd(-rate, g, *w);
  }

  T epsilon_squared;
};

}  // namespace anisograd

#endif  // OPTIM_ADAGRAD_NORM_H_
