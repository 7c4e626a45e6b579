#ifndef EXPERIMENTS_LOGISTIC_CUDA_DEVICE_RULES_CUH_
#define EXPERIMENTS_LOGISTIC_CUDA_DEVICE_RULES_CUH_

#include <cuda_runtime.h>

#include <cstdint>

#include "experiments/logistic/cuda/device_run.h"
#include "optim/adagrad.h"
#include "optim/adagrad_norm.h"
#include "optim/adam.h"
#include "optim/adam_catch_up.h"
#include "optim/sgd.h"
#include "tools/base/scalar_math.h"

// The update rules of optim/ as the kernels of a family call them: lane_rules.h
// for one run on the device, where a rule's history is in arrays that the host
// has filled for all steps. Every thread of a block has a copy; calls in one
// step: BeginStep, Rate, then Update per coordinate.

namespace anisograd {
namespace cuda {

// The rate of step t, as the CPU rounds it.
inline __device__ double LearningRate(const RuleConstants& c, int64_t t) {
  return MulAdd(c.schedule_factor[t], c.learning_rate, 0.0);
}

struct DeviceSgd {
  static constexpr int kStates = 0;
  static constexpr bool kNeedsNorm = false;
  static constexpr bool kMovesAll = false;
  static constexpr bool kCatchesUp = false;

  __device__ DeviceSgd(const RuleConstants&, double) {}
  __device__ void BeginStep(int64_t) {}
  __device__ double Rate(double learning_rate, double) {
    return learning_rate;
  }
  __device__ void Update(double rate, double g, double* w, double*) const {
    SgdStep(rate, g, w);
  }
};

struct DeviceAdaGrad {
  static constexpr int kStates = 1;
  static constexpr bool kNeedsNorm = false;
  static constexpr bool kMovesAll = false;
  static constexpr bool kCatchesUp = false;

  __device__ DeviceAdaGrad(const RuleConstants& c, double)
      : epsilon(c.epsilon) {}
  __device__ void BeginStep(int64_t) {}
  __device__ double Rate(double learning_rate, double) {
    return learning_rate;
  }
  __device__ void Update(double rate, double g, double* w, double* s) const {
    AdaGradStep(rate, epsilon, g, &s[0], w);
  }

  double epsilon;
};

struct DeviceAdaGradNorm {
  static constexpr int kStates = 0;
  static constexpr bool kNeedsNorm = true;
  static constexpr bool kMovesAll = false;
  static constexpr bool kCatchesUp = false;

  __device__ DeviceAdaGradNorm(const RuleConstants&, double b_squared)
      : accumulator(b_squared) {}
  __device__ void BeginStep(int64_t) {}
  __device__ double Rate(double learning_rate, double norm_squared) {
    return AdaGradNormRate(learning_rate, norm_squared, &accumulator);
  }
  __device__ void Update(double rate, double g, double* w, double*) const {
    SgdStep(rate, g, w);
  }

  double accumulator;
};

// AdamHistory (optim/adam_catch_up.h) in the host's arrays.
class DeviceAdamHistory {
 public:
  explicit __device__ DeviceAdamHistory(const RuleConstants& c) : c_(c) {}
  __device__ double learning_rate(int64_t t) const {
    return LearningRate(c_, t);
  }
  __device__ AdamStepConstants<double> constants(int64_t t) const {
    return {c_.beta1, c_.beta2, c_.epsilon, c_.inverse_correction1[t],
            c_.inverse_correction2[t]};
  }
  __device__ double beta1() const { return c_.beta1; }
  __device__ double beta2() const { return c_.beta2; }

 private:
  RuleConstants c_;
};

struct DeviceAdam {
  static constexpr int kStates = 2;
  static constexpr bool kNeedsNorm = false;
  static constexpr bool kMovesAll = true;
  static constexpr bool kCatchesUp = false;

  __device__ DeviceAdam(const RuleConstants& c, double) : history(c) {}
  __device__ void BeginStep(int64_t step) {
    constants = history.constants(step);
  }
  __device__ double Rate(double learning_rate, double) {
    return learning_rate;
  }
  __device__ void Update(double rate, double g, double* w, double* s) const {
    AdamStep(rate, constants, g, &s[0], &s[1], w);
  }

  DeviceAdamHistory history;
  AdamStepConstants<double> constants;
};

// The same updates put off for coordinates at rest.
struct DeviceLazyAdam : DeviceAdam {
  static constexpr bool kMovesAll = false;
  static constexpr bool kCatchesUp = true;
  using DeviceAdam::DeviceAdam;
};

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_DEVICE_RULES_CUH_
