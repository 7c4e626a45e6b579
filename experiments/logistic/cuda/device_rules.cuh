#ifndef EXPERIMENTS_LOGISTIC_CUDA_DEVICE_RULES_CUH_
#define EXPERIMENTS_LOGISTIC_CUDA_DEVICE_RULES_CUH_

#include <cuda_runtime.h>

#include <cstdint>

#include "experiments/logistic/cuda/device_run.h"
#include "optim/rule.h"
#include "tools/base/scalar_math.h"

namespace anisograd {
namespace cuda {

// The rate of step t, as the CPU rounds it.
inline __device__ double LearningRate(const RuleConstants& c, int64_t t) {
  return MulAdd(c.schedule_factor[t], c.learning_rate, 0.0);
}

// A rule of optim/rules.h as the kernels of a family call it: lane_rules.h for
// one run on the device, where learning rates and the clock's numbers are in
// arrays that the host has filled for all steps. Every thread of a block has a
// copy; calls in one step: BeginStep, Rate, then Update per coordinate.
template <typename Rule, bool kPutOff>
class DeviceRule : public RestTraits<Rule, kPutOff> {
 public:
  static constexpr int kStates = Rule::kStates;
  static constexpr bool kNeedsNorm = Rule::kNeedsNorm;

  __device__ DeviceRule(const RuleConstants& constants, double accumulator)
      : accumulator(accumulator),
        rule_(*reinterpret_cast<const Rule*>(constants.rule)),
        history_{constants} {}

  __device__ void BeginStep(int64_t step) {
    if constexpr (Rule::kClock > 0) history_.Load(step, rule_.numbers);
  }
  __device__ double Rate(double learning_rate, double norm_squared) {
    if constexpr (kNeedsNorm) {
      return rule_.Rate(learning_rate, norm_squared, &accumulator);
    }
    return learning_rate;
  }
  __device__ void Update(double rate, double g, double* w, double* s) const {
    rule_.Step(rate, g, s, w);
  }

  // Makes up for the steps from .. to - 1 of a coordinate at rest.
  __device__ void CatchUp(int64_t from, int64_t to, double* w,
                          double* s) const {
    rule_.CatchUp(history_, from, to, s, w);
  }

  // Of the norm.
  double accumulator;

 private:
  struct History {
    RuleConstants constants;

    __device__ double learning_rate(int64_t t) const {
      return LearningRate(constants, t);
    }
    __device__ void Load(int64_t t, double* numbers) const {
#pragma unroll
      for (int i = 0; i < Rule::kClock; ++i) {
        numbers[i] = constants.numbers[i * constants.number_steps + t];
      }
    }
  };

  Rule rule_;
  History history_;
};

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_DEVICE_RULES_CUH_
