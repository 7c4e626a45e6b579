// SGD on the device: 12 bytes a parameter; see device_step.cuh.

#include "optim/sgd.h"

#include "optim/device_step.cuh"
#include "optim/device_step.h"

namespace anisograd {
namespace {

struct SgdRule {
  static constexpr int kStates = 0;
  float learning_rate;

  __device__ void Begin() {}
  __device__ void operator()(float gradient, float*, float* weight) const {
    SgdStep(learning_rate, gradient, weight);
  }
};

}  // namespace

absl::Status SgdStepOnDevice(cudaStream_t stream, const DeviceStep& step,
                             float learning_rate) {
  return LaunchStep("SgdStep", stream, step, SgdRule{learning_rate}, {});
}

}  // namespace anisograd
