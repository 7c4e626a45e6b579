#include "optim/optimizer.h"

#include <cstddef>

#include "optim/adagrad.h"
#include "optim/adagrad_norm.h"
#include "optim/adam.h"
#include "optim/sgd.h"
#include "optim/validation.h"
#include "tools/base/scalar_math.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

template <typename T>
class SgdOptimizer : public Optimizer<T> {
 public:
  explicit SgdOptimizer(int64_t size) : size_(size) {}

  void Step(T learning_rate, absl::Span<const T> gradient,
            absl::Span<T> weights) override {
    for (size_t j = 0; j < weights.size(); ++j) {
      SgdStep(learning_rate, gradient[j], &weights[j]);
    }
  }
  void SparseStep(T learning_rate, absl::Span<const uint32_t> indices,
                  absl::Span<const T> values, absl::Span<T> weights) override {
    for (size_t k = 0; k < indices.size(); ++k) {
      SgdStep(learning_rate, values[k], &weights[indices[k]]);
    }
  }
  std::vector<typename Optimizer<T>::NamedState> State() override {
    return {};
  }
  int64_t size() const override { return size_; }

 private:
  int64_t size_;
};

template <typename T>
class AdaGradOptimizer : public Optimizer<T> {
 public:
  AdaGradOptimizer(const AdaGrad& options, int64_t size)
      : epsilon_(static_cast<T>(AdaGradStepEpsilon(options))),
        accumulator_(size, static_cast<T>(AdaGradInitialAccumulator(options))) {
  }

  void Step(T learning_rate, absl::Span<const T> gradient,
            absl::Span<T> weights) override {
    for (size_t j = 0; j < weights.size(); ++j) {
      // 0 / 0 where nothing has been accumulated and epsilon is 0.
      if (gradient[j] == T(0)) continue;
      AdaGradStep(learning_rate, epsilon_, gradient[j], &accumulator_[j],
                  &weights[j]);
    }
  }
  void SparseStep(T learning_rate, absl::Span<const uint32_t> indices,
                  absl::Span<const T> values, absl::Span<T> weights) override {
    for (size_t k = 0; k < indices.size(); ++k) {
      if (values[k] == T(0)) continue;
      const uint32_t j = indices[k];
      AdaGradStep(learning_rate, epsilon_, values[k], &accumulator_[j],
                  &weights[j]);
    }
  }
  std::vector<typename Optimizer<T>::NamedState> State() override {
    return {{"accumulator", absl::MakeSpan(accumulator_)}};
  }
  int64_t size() const override {
    return static_cast<int64_t>(accumulator_.size());
  }

 private:
  T epsilon_;
  std::vector<T> accumulator_;
};

// The norm is summed in double, in the order of the coordinates.
template <typename T>
class AdaGradNormOptimizer : public Optimizer<T> {
 public:
  AdaGradNormOptimizer(const AdaGradNorm& options, int64_t size)
      : size_(size),
        accumulator_(1, static_cast<T>(options.epsilon() * options.epsilon())) {
  }

  void Step(T learning_rate, absl::Span<const T> gradient,
            absl::Span<T> weights) override {
    const T rate = NextRate(learning_rate, gradient);
    for (size_t j = 0; j < weights.size(); ++j) {
      SgdStep(rate, gradient[j], &weights[j]);
    }
  }
  void SparseStep(T learning_rate, absl::Span<const uint32_t> indices,
                  absl::Span<const T> values, absl::Span<T> weights) override {
    const T rate = NextRate(learning_rate, values);
    for (size_t k = 0; k < indices.size(); ++k) {
      SgdStep(rate, values[k], &weights[indices[k]]);
    }
  }
  std::vector<typename Optimizer<T>::NamedState> State() override {
    return {{"accumulator", absl::MakeSpan(accumulator_)}};
  }
  int64_t size() const override { return size_; }

 private:
  T NextRate(T learning_rate, absl::Span<const T> gradient) {
    double squares = 0.0;
    for (const T g : gradient) {
      squares = MulAdd(static_cast<double>(g), static_cast<double>(g), squares);
    }
    return AdaGradNormRateOfSum(learning_rate, squares, &accumulator_[0]);
  }

  int64_t size_;
  std::vector<T> accumulator_;
};

template <typename T>
class AdamOptimizer : public Optimizer<T> {
 public:
  AdamOptimizer(const Adam& options, int64_t size)
      : options_(options),
        powers_(2, T(1)),
        first_moment_(size, T(0)),
        second_moment_(size, T(0)) {}

  void Step(T learning_rate, absl::Span<const T> gradient,
            absl::Span<T> weights) override {
    const AdamStepConstants<T> constants =
        NextAdamConstants(options_, powers_.data());
    for (size_t j = 0; j < weights.size(); ++j) {
      AdamStep(learning_rate, constants, gradient[j], &first_moment_[j],
               &second_moment_[j], &weights[j]);
    }
  }
  void SparseStep(T learning_rate, absl::Span<const uint32_t> indices,
                  absl::Span<const T> values, absl::Span<T> weights) override {
    std::vector<T> gradient(weights.size(), T(0));
    for (size_t k = 0; k < indices.size(); ++k) gradient[indices[k]] = values[k];
    Step(learning_rate, gradient, weights);
  }
  std::vector<typename Optimizer<T>::NamedState> State() override {
    return {{"powers", absl::MakeSpan(powers_)},
            {"first_moment", absl::MakeSpan(first_moment_)},
            {"second_moment", absl::MakeSpan(second_moment_)}};
  }
  int64_t size() const override {
    return static_cast<int64_t>(first_moment_.size());
  }

 private:
  Adam options_;
  // beta1^t, beta2^t.
  std::vector<T> powers_;
  std::vector<T> first_moment_;
  std::vector<T> second_moment_;
};

}  // namespace

template <typename T>
absl::StatusOr<std::unique_ptr<Optimizer<T>>> MakeOptimizer(
    const OptimizerSpec& spec, int64_t size) {
  RETURN_IF_ERROR(ValidateOptimizer(spec, "optimizer"));
  std::unique_ptr<Optimizer<T>> optimizer;
  switch (spec.rule_case()) {
    case OptimizerSpec::kSgd:
      optimizer = std::make_unique<SgdOptimizer<T>>(size);
      break;
    case OptimizerSpec::kAdagrad:
      optimizer = std::make_unique<AdaGradOptimizer<T>>(spec.adagrad(), size);
      break;
    case OptimizerSpec::kAdagradNorm:
      optimizer =
          std::make_unique<AdaGradNormOptimizer<T>>(spec.adagrad_norm(), size);
      break;
    default:
      optimizer = std::make_unique<AdamOptimizer<T>>(spec.adam(), size);
      break;
  }
  return optimizer;
}

template absl::StatusOr<std::unique_ptr<Optimizer<float>>> MakeOptimizer<float>(
    const OptimizerSpec&, int64_t);
template absl::StatusOr<std::unique_ptr<Optimizer<double>>>
MakeOptimizer<double>(const OptimizerSpec&, int64_t);

}  // namespace anisograd
