#include "optim/optimizer.h"

#include <algorithm>
#include <cstddef>

#include "optim/rules.h"
#include "optim/validation.h"
#include "tools/base/scalar_math.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

template <typename Rule, typename T>
class RuleOptimizer : public Optimizer<T> {
 public:
  RuleOptimizer(const OptimizerSpec& spec, int64_t size)
      : size_(size), rule_(spec), clock_(Rule::kClock, T(1)) {
    if constexpr (Rule::kNeedsNorm) {
      accumulator_.push_back(rule_.InitialAccumulator());
    }
    for (int s = 0; s < Rule::kStates; ++s) {
      states_.emplace_back(size, static_cast<T>(rule_.InitialState(s)));
    }
  }

  void Step(T learning_rate, absl::Span<const T> gradient,
            absl::Span<T> weights) override {
    const T rate = BeginStep(learning_rate, gradient);
    const Rule rule = rule_;
    const T* g = gradient.data();
    T* w = weights.data();
    const size_t size = weights.size();
    const StatePointers states = States();
    // Vectors do not overlap, which the compiler cannot know.
#pragma GCC ivdep
    for (size_t j = 0; j < size; ++j) StepOn(rule, rate, g[j], j, states, w);
  }
  void SparseStep(T learning_rate, absl::Span<const uint32_t> indices,
                  absl::Span<const T> values, absl::Span<T> weights) override {
    if constexpr (Rule::kAtRest == AtRest::kNothing) {
      const T rate = BeginStep(learning_rate, values);
      const StatePointers states = States();
      for (size_t k = 0; k < indices.size(); ++k) {
        StepOn(rule_, rate, values[k], indices[k], states, weights.data());
      }
    } else {
      std::vector<T> gradient(weights.size(), T(0));
      for (size_t k = 0; k < indices.size(); ++k) {
        gradient[indices[k]] = values[k];
      }
      Step(learning_rate, gradient, weights);
    }
  }
  std::vector<typename Optimizer<T>::NamedState> State() override {
    std::vector<typename Optimizer<T>::NamedState> named;
    if (!clock_.empty()) {
      named.push_back({Rule::kClockName, absl::MakeSpan(clock_)});
    }
    if (!accumulator_.empty()) {
      named.push_back({"accumulator", absl::MakeSpan(accumulator_)});
    }
    for (size_t s = 0; s < states_.size(); ++s) {
      named.push_back({Rule::kStateNames[s], absl::MakeSpan(states_[s])});
    }
    return named;
  }
  int64_t size() const override { return size_; }

 private:
  // Returns the step's rate. The norm is summed in double, in the order of the
  // coordinates.
  T BeginStep(T learning_rate, absl::Span<const T> gradient) {
    if constexpr (Rule::kClock > 0) rule_.Advance(clock_.data());
    if constexpr (Rule::kNeedsNorm) {
      double squares = 0.0;
      for (const T g : gradient) {
        squares =
            MulAdd(static_cast<double>(g), static_cast<double>(g), squares);
      }
      return rule_.Rate(learning_rate, static_cast<T>(squares),
                        &accumulator_[0]);
    }
    return learning_rate;
  }

  struct StatePointers {
    T* of[Rule::kStates + 1];
  };
  StatePointers States() {
    StatePointers states;
    for (int s = 0; s < Rule::kStates; ++s) states.of[s] = states_[s].data();
    return states;
  }

  static void StepOn(const Rule& rule, T rate, T g, size_t j,
                     const StatePointers& all, T* weights) {
    T states[Rule::kStates + 1];
    for (int s = 0; s < Rule::kStates; ++s) states[s] = all.of[s][j];
    T weight = weights[j];
    rule.Step(rate, g, states, &weight);
    weights[j] = weight;
    for (int s = 0; s < Rule::kStates; ++s) all.of[s][j] = states[s];
  }

  int64_t size_;
  Rule rule_;
  std::vector<T> clock_;
  // Of the norm; one number.
  std::vector<T> accumulator_;
  std::vector<std::vector<T>> states_;
};

}  // namespace

template <typename T>
absl::StatusOr<std::unique_ptr<Optimizer<T>>> MakeOptimizer(
    const OptimizerSpec& spec, int64_t size) {
  RETURN_IF_ERROR(ValidateOptimizer(spec, "optimizer"));
  std::unique_ptr<Optimizer<T>> optimizer;
  RETURN_IF_ERROR(WithRule(spec.rule_case(), [&](auto tag) {
    using Rule = RuleOf<decltype(tag), T>;
    optimizer = std::make_unique<RuleOptimizer<Rule, T>>(spec, size);
    return absl::OkStatus();
  }));
  return optimizer;
}

template absl::StatusOr<std::unique_ptr<Optimizer<float>>> MakeOptimizer<float>(
    const OptimizerSpec&, int64_t);
template absl::StatusOr<std::unique_ptr<Optimizer<double>>>
MakeOptimizer<double>(const OptimizerSpec&, int64_t);

}  // namespace anisograd
