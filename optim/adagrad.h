#ifndef OPTIM_ADAGRAD_H_
#define OPTIM_ADAGRAD_H_

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "optim/optimizer.pb.h"
#include "optim/rule.h"
#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// AdaGrad (Duchi, Hazan, Singer 2011), Algorithm 1, one coordinate:
//
//   v <- v + g^2
//   w <- w - rate * g / (sqrt(v) + epsilon)
//
// Two conventions of epsilon fit this one form:
//   OUTSIDE_ROOT (PyTorch): epsilon as given, v starts at initial_accumulator.
//   INSIDE_ROOT (the paper): v starts at epsilon^2, and the epsilon here is 0.
template <typename T>
struct AdaGradRule : RuleDefaults {
  static constexpr OptimizerSpec::RuleCase kCase = OptimizerSpec::kAdagrad;
  static constexpr const char* kName = "adagrad";
  static constexpr const char* kTitle = "AdaGrad";
  static void SetUsual(OptimizerSpec* spec) {
    spec->mutable_adagrad()->set_epsilon_convention(AdaGrad::OUTSIDE_ROOT);
    spec->mutable_adagrad()->set_epsilon(1e-10);
  }
  static absl::Status Validate(const OptimizerSpec& spec,
                               absl::string_view field) {
    const AdaGrad& options = spec.adagrad();
    if (options.epsilon_convention() != AdaGrad::OUTSIDE_ROOT &&
        options.epsilon_convention() != AdaGrad::INSIDE_ROOT) {
      return absl::InvalidArgumentError(absl::StrCat(
          field, ".epsilon_convention: must be OUTSIDE_ROOT or INSIDE_ROOT"));
    }
    const double initial = options.initial_accumulator();
    if (!std::isfinite(initial) || initial < 0.0) {
      return BadConstant(field, "initial_accumulator",
                         "must be finite and not negative", initial);
    }
    if (options.epsilon_convention() == AdaGrad::INSIDE_ROOT &&
        initial != 0.0) {
      return BadConstant(
          field, "initial_accumulator",
          "must be 0 with INSIDE_ROOT, where v starts at epsilon^2", initial);
    }
    return CheckPositive(field, "epsilon", options.epsilon());
  }

  explicit AdaGradRule(const OptimizerSpec& spec) {
    const double given = spec.adagrad().epsilon();
    if (spec.adagrad().epsilon_convention() == AdaGrad::INSIDE_ROOT) {
      initial_accumulator = RoundPositive<T>(given * given);
      epsilon = T(0);
    } else {
      initial_accumulator =
          static_cast<T>(spec.adagrad().initial_accumulator());
      epsilon = RoundPositive<T>(given);
    }
  }

  static constexpr int kStates = 1;
  static constexpr const char* kStateNames[] = {"accumulator"};
  T InitialState(int) const { return initial_accumulator; }

  template <typename V>
  ANISOGRAD_HOST_DEVICE void Step(V rate, V g, V* states, V* w) const {
    states[0] = MulAdd(g, g, states[0]);
    *w = *w - rate * g / Metric(states);
  }

  static constexpr bool kEuclidean = false;
  template <typename V>
  ANISOGRAD_HOST_DEVICE V Metric(const V* states) const {
    return Sqrt(states[0]) + V(epsilon);
  }

  T initial_accumulator;
  T epsilon;
};

}  // namespace anisograd

#endif  // OPTIM_ADAGRAD_H_
