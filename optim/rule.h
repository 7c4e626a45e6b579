#ifndef OPTIM_RULE_H_
#define OPTIM_RULE_H_

#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "optim/optimizer.pb.h"
#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// An update rule is a class template over the scalar T, float or double, which
// holds the constants of one spec. It stands in a header of its own, with its
// formula and source, and in the list of optim/rules.h. All that steps weights
// (optim/optimizer.cc and device_optimizer.cu, the lanes and the sweep kernels
// of experiments/logistic) is written against what a rule says:
//
//   kCase, kName       its field of OptimizerSpec: OptimizerSpec::kSgd, "sgd"
//   kTitle             what tables call it: "SGD"
//   explicit Rule(spec)
//   Step(rate, g, states, &w)
//                      one coordinate's step. V is T, or lanes of doubles
//                      (tools/base/lanes.h) where T is double
//
// and, where they are not RuleDefaults', the following. Rules can be copied as
// bytes, to a device too.

// What a step does to a coordinate whose gradient is zero.
enum class AtRest {
  kNothing,
  // The states move, the weight does not.
  kStatesMove,
  // The weight moves too.
  kAllMove,
};

struct RuleDefaults {
  // Sets the constants that are common, where a rule has any.
  static void SetUsual(OptimizerSpec* spec) {}

  // InvalidArgument for bad constants; `field` is the rule's place in its spec,
  // like "method[0].optimizer.adam".
  static absl::Status Validate(const OptimizerSpec& spec,
                               absl::string_view field) {
    return absl::OkStatus();
  }

  // Numbers per coordinate beside the weight, and what checkpoints call them.
  static constexpr int kStates = 0;
  static constexpr const char* kStateNames[1] = {""};
  double InitialState(int state) const { return 0.0; }

  static constexpr AtRest kAtRest = AtRest::kNothing;
  // Others have, to make up for the steps from .. to - 1, all of them with the
  // gradient zero:
  //
  //   CatchUp(history, from, to, states, &w)
  //
  // Only kAllMove may ask the history: learning_rate(t), and Load(t, numbers)
  // for the clock's numbers at step t.

  // The rate of a step is a function of the gradient's norm:
  //
  //   InitialAccumulator()
  //   Rate(learning_rate, |g|_2^2, &accumulator)
  //
  // Otherwise it is the learning rate.
  static constexpr bool kNeedsNorm = false;

  // Numbers that depend on the count of steps alone. `clock` is their state, 1
  // before the first step and kClockName in checkpoints;
  //
  //   Advance(clock)
  //
  // counts a step and sets the rule's member numbers[kClock] for it.
  static constexpr int kClock = 0;
  static constexpr const char* kClockName = "";

  // H of Option I, Pi_W^H (optim/projection.h), is the identity. Otherwise
  //
  //   Metric(states)
  //
  // is H of one coordinate after its step: what the rule divides by. It is the
  // paper's for AdaGrad, and that of Reddi et al. (2018), Algorithm 1, for
  // others.
  static constexpr bool kEuclidean = true;
};

// How a trainer goes about coordinates with zero gradient; kPutOff: it puts
// steps off where that is a choice.
template <typename Rule, bool kPutOff>
struct RestTraits {
  // Every step goes through all coordinates.
  static constexpr bool kMovesAll =
      Rule::kAtRest == AtRest::kAllMove && !kPutOff;
  // CatchUp before a weight is read.
  static constexpr bool kWeightsLag =
      Rule::kAtRest == AtRest::kAllMove && kPutOff;
  // CatchUp before a coordinate's next step; weights are always right.
  static constexpr bool kStatesLag = Rule::kAtRest == AtRest::kStatesMove;
};

// base^n by squaring: the same bits everywhere, which std::pow does not promise.
// The relative error is below (n + 2 log2 n) 2^-53.
ANISOGRAD_HOST_DEVICE inline double IntegerPower(double base, int64_t n) {
  double result = 1.0;
  for (; n > 0; n >>= 1, base *= base) result *= (n & 1) ? base : 1.0;
  return result;
}

// x > 0 as a T, the smallest positive one where it would round to 0: what a
// rule divides by is never 0, so that 0 / 0 is nobody's concern.
template <typename T>
T RoundPositive(double x) {
  const T rounded = static_cast<T>(x);
  return rounded > T(0) ? rounded : std::numeric_limits<T>::denorm_min();
}

// "FIELD.PART: REASON, got GOT".
absl::Status BadConstant(absl::string_view field, absl::string_view part,
                         absl::string_view reason, double got);
// Rules are computed in single precision too, in which a constant must keep what
// makes it valid. Such an error unless x is positive and finite there (its square
// then is in double precision); unless it is below 1 there.
absl::Status CheckPositive(absl::string_view field, absl::string_view part,
                           double x);
absl::Status CheckBelowOne(absl::string_view field, absl::string_view part,
                           double x);

}  // namespace anisograd

#endif  // OPTIM_RULE_H_
