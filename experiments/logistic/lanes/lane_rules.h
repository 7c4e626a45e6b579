#ifndef EXPERIMENTS_LOGISTIC_LANES_LANE_RULES_H_
#define EXPERIMENTS_LOGISTIC_LANES_LANE_RULES_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "optim/optimizer.pb.h"
#include "optim/rule.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// A rule of optim/rules.h over doubles, as the lane trainer calls it. Its calls
// in one step, in order:
//
//   BeginStep(learning_rate)  once
//   AddToNorm(g)              per touched coordinate, if kNeedsNorm
//   Rate(learning_rate)       once: the rate that updates are called with
//   Update(rate, g, w, s)     per touched coordinate, all if kMovesAll
template <typename RuleType, typename V, bool kPutOff>
class LaneRule : public RestTraits<RuleType, kPutOff> {
 public:
  using Rule = RuleType;
  static constexpr int kStates = Rule::kStates;
  static constexpr bool kNeedsNorm = Rule::kNeedsNorm;
  static constexpr int kClock = Rule::kClock;

  explicit LaneRule(const OptimizerSpec& spec) : rule_(spec) {
    std::fill_n(clock_, Rule::kClock, 1.0);
    if constexpr (kNeedsNorm) accumulator_ = V(rule_.InitialAccumulator());
  }

  const Rule& rule() const { return rule_; }

  void BeginStep(V learning_rate) {
    if constexpr (Rule::kClock > 0) rule_.Advance(clock_);
    if constexpr (LaneRule::kWeightsLag) {
      history_.learning_rates.push_back(learning_rate);
      if constexpr (Rule::kClock > 0) {
        history_.numbers.insert(history_.numbers.end(), rule_.numbers,
                                rule_.numbers + Rule::kClock);
      }
    }
    if constexpr (kNeedsNorm) norm_squared_ = V(0.0);
  }
  void AddToNorm(V g) { norm_squared_ = MulAdd(g, g, norm_squared_); }
  V Rate(V learning_rate) {
    if constexpr (kNeedsNorm) {
      return rule_.Rate(learning_rate, norm_squared_, &accumulator_);
    }
    return learning_rate;
  }
  void Update(V rate, V g, V* w, V* s) const { rule_.Step(rate, g, s, w); }

  // Makes up for the steps from .. to - 1 of a coordinate at rest.
  void CatchUp(int64_t from, int64_t to, V* w, V* s) const {
    rule_.CatchUp(history_, from, to, s, w);
  }

 private:
  // Of the steps so far, where weights lag.
  struct History {
    std::vector<V> learning_rates;
    std::vector<double> numbers;

    V learning_rate(int64_t t) const { return learning_rates[t]; }
    void Load(int64_t t, double* out) const {
      std::copy_n(numbers.data() + t * Rule::kClock, Rule::kClock, out);
    }
  };

  Rule rule_;
  double clock_[Rule::kClock + 1];
  History history_;
  V accumulator_ = V(0.0);
  V norm_squared_ = V(0.0);
};

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_LANE_RULES_H_
