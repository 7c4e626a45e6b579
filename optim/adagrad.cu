// AdaGrad on the device: 20 bytes a parameter; see device_step.cuh.

#include "optim/adagrad.h"

#include "optim/device_step.cuh"
#include "optim/device_step.h"

namespace anisograd {
namespace {

struct AdaGradRule {
  static constexpr int kStates = 1;
  float learning_rate, epsilon;

  __device__ void Begin() {}
  __device__ void operator()(float gradient, float* state,
                             float* weight) const {
    // 0 / 0 where nothing has been accumulated and epsilon is 0.
    if (gradient == 0.0f) return;
    AdaGradStep(learning_rate, epsilon, gradient, &state[0], weight);
  }
};

}  // namespace

absl::Status AdaGradStepOnDevice(cudaStream_t stream, const DeviceStep& step,
                                 float learning_rate, float epsilon,
                                 float* accumulator) {
  return LaunchStep("AdaGradStep", stream, step,
                    AdaGradRule{learning_rate, epsilon}, {{accumulator}});
}

}  // namespace anisograd
