// Adam on the device: 28 bytes a parameter; see device_step.cuh.

#include "optim/adam.h"

#include "optim/device_step.cuh"
#include "optim/device_step.h"

namespace anisograd {
namespace {

struct AdamRule {
  static constexpr int kStates = 2;
  float learning_rate;
  AdamStepConstants<float> constants;

  __device__ void Begin() {}
  __device__ void operator()(float gradient, float* state,
                             float* weight) const {
    AdamStep(learning_rate, constants, gradient, &state[0], &state[1], weight);
  }
};

}  // namespace

absl::Status AdamStepOnDevice(cudaStream_t stream, const DeviceStep& step,
                              float learning_rate,
                              const AdamStepConstants<float>& constants,
                              float* first_moment, float* second_moment) {
  return LaunchStep("AdamStep", stream, step,
                    AdamRule{learning_rate, constants},
                    {{first_moment, second_moment}});
}

}  // namespace anisograd
