#ifndef EXPERIMENTS_LOGISTIC_LANES_LANE_RULES_H_
#define EXPERIMENTS_LOGISTIC_LANES_LANE_RULES_H_

#include <cstdint>

#include "optim/adagrad.h"
#include "optim/adagrad_norm.h"
#include "optim/adam.h"
#include "optim/adam_catch_up.h"
#include "optim/optimizer.pb.h"
#include "optim/sgd.h"
#include "tools/base/lanes.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// The update rules of optim/ as the lane trainer calls them. A rule keeps
// kStates lanes-wide numbers per coordinate beside the weight. Its calls in one
// step, in order:
//
//   BeginStep(learning_rate)  once
//   AddToNorm(g)              per touched coordinate, if kNeedsNorm
//   Rate(learning_rate)       once: the rate that updates are called with
//   Update(rate, g, w, s)     per touched coordinate, all if kMovesAll
//
// kMovesAll: a coordinate with zero gradient moves too, so every step updates
// all. kCatchesUp: it moves too, but its steps are put off until it is read.

template <typename V>
struct LaneSgd {
  static constexpr int kStates = 0;
  static constexpr bool kNeedsNorm = false;
  static constexpr bool kMovesAll = false;
  static constexpr bool kCatchesUp = false;

  explicit LaneSgd(const OptimizerSpec&) {}
  double InitialState(int) const { return 0.0; }
  void BeginStep(V) {}
  void AddToNorm(V) {}
  V Rate(V learning_rate) { return learning_rate; }
  void Update(V learning_rate, V g, V* w, V*) const {
    SgdStep(learning_rate, g, w);
  }
};

template <typename V>
struct LaneAdaGrad {
  static constexpr int kStates = 1;
  static constexpr bool kNeedsNorm = false;
  static constexpr bool kMovesAll = false;
  static constexpr bool kCatchesUp = false;

  explicit LaneAdaGrad(const OptimizerSpec& spec)
      : initial_accumulator(AdaGradInitialAccumulator(spec.adagrad())),
        epsilon(AdaGradStepEpsilon(spec.adagrad())) {}
  double InitialState(int) const { return initial_accumulator; }
  void BeginStep(V) {}
  void AddToNorm(V) {}
  V Rate(V learning_rate) { return learning_rate; }
  void Update(V learning_rate, V g, V* w, V* s) const {
    AdaGradStep(learning_rate, V(epsilon), g, &s[0], w);
  }

  double initial_accumulator;
  double epsilon;
};

template <typename V>
struct LaneAdaGradNorm {
  static constexpr int kStates = 0;
  static constexpr bool kNeedsNorm = true;
  static constexpr bool kMovesAll = false;
  static constexpr bool kCatchesUp = false;

  explicit LaneAdaGradNorm(const OptimizerSpec& spec)
      : accumulator(spec.adagrad_norm().epsilon() *
                    spec.adagrad_norm().epsilon()) {}
  double InitialState(int) const { return 0.0; }
  void BeginStep(V) { norm_squared = V(0.0); }
  void AddToNorm(V g) { norm_squared = MulAdd(g, g, norm_squared); }
  V Rate(V learning_rate) {
    return AdaGradNormRate(learning_rate, norm_squared, &accumulator);
  }
  void Update(V rate, V g, V* w, V*) const { SgdStep(rate, g, w); }

  V accumulator;
  V norm_squared;
};

// States: first moment, second moment.
template <typename V>
struct LaneAdam {
  static constexpr int kStates = 2;
  static constexpr bool kNeedsNorm = false;
  static constexpr bool kMovesAll = true;
  static constexpr bool kCatchesUp = false;

  explicit LaneAdam(const OptimizerSpec& spec)
      : history(spec.adam().beta1(), spec.adam().beta2(),
                spec.adam().epsilon()) {}
  double InitialState(int) const { return 0.0; }
  void BeginStep(V learning_rate) {
    history.Append(learning_rate);
    constants = history.constants(history.steps() - 1);
  }
  void AddToNorm(V) {}
  V Rate(V learning_rate) { return learning_rate; }
  void Update(V rate, V g, V* w, V* s) const {
    AdamStep(rate, constants, g, &s[0], &s[1], w);
  }

  AdamHistory<V> history;
  AdamStepConstants<V> constants;
};

// The same updates put off for coordinates at rest; for large dimensions.
template <typename V>
struct LaneLazyAdam : LaneAdam<V> {
  static constexpr bool kMovesAll = false;
  static constexpr bool kCatchesUp = true;
  using LaneAdam<V>::LaneAdam;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_LANE_RULES_H_
