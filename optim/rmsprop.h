#ifndef OPTIM_RMSPROP_H_
#define OPTIM_RMSPROP_H_

#include <cstdint>

#include "optim/optimizer.pb.h"
#include "optim/rule.h"
#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"
#include "tools/base/status_macros.h"

namespace anisograd {

// RMSProp (Tieleman and Hinton 2012, Lecture 6.5), one coordinate, v_{-1} = 0:
//
//   v <- beta v + (1 - beta) g^2
//   w <- w - rate * g / (sqrt(v) + epsilon)
template <typename T>
struct RmsPropRule : RuleDefaults {
  static constexpr OptimizerSpec::RuleCase kCase = OptimizerSpec::kRmsprop;
  static constexpr const char* kName = "rmsprop";
  static constexpr const char* kTitle = "RMSProp";
  static void SetUsual(OptimizerSpec* spec) {
    spec->mutable_rmsprop()->set_beta(0.99);
    spec->mutable_rmsprop()->set_epsilon(1e-8);
  }
  static absl::Status Validate(const OptimizerSpec& spec,
                               absl::string_view field) {
    const double beta = spec.rmsprop().beta();
    RETURN_IF_ERROR(CheckPositive(field, "beta", beta));
    RETURN_IF_ERROR(CheckBelowOne(field, "beta", beta));
    return CheckPositive(field, "epsilon", spec.rmsprop().epsilon());
  }

  explicit RmsPropRule(const OptimizerSpec& spec)
      : beta(static_cast<T>(spec.rmsprop().beta())),
        epsilon(RoundPositive<T>(spec.rmsprop().epsilon())) {}

  static constexpr int kStates = 1;
  static constexpr const char* kStateNames[] = {"second_moment"};

  template <typename V>
  ANISOGRAD_HOST_DEVICE void Step(V rate, V g, V* states, V* w) const {
    states[0] = MulAdd(V(T(1) - beta) * g, g, V(beta) * states[0]);
    *w = *w - rate * g / Metric(states);
  }

  static constexpr bool kEuclidean = false;
  template <typename V>
  ANISOGRAD_HOST_DEVICE V Metric(const V* states) const {
    return Sqrt(states[0]) + V(epsilon);
  }

  // A coordinate with zero gradient keeps its weight, and its v shrinks. After
  // t steps v is the dense rule's up to 4 t 2^-53, relative: the roundings of
  // the power here and of the products there.
  static constexpr AtRest kAtRest = AtRest::kStatesMove;
  template <typename History, typename V>
  ANISOGRAD_HOST_DEVICE void CatchUp(const History& history, int64_t from,
                                     int64_t to, V* states, V* w) const {
    states[0] = states[0] * V(IntegerPower(beta, to - from));
  }

  T beta;
  T epsilon;
};

}  // namespace anisograd

#endif  // OPTIM_RMSPROP_H_
