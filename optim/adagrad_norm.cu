// AdaGrad-Norm on the device: the gradient's norm (4 bytes a parameter, see
// gradient_norm.cuh), the rate in one block, then SGD's pass (12 bytes). The
// rate stays on the device, so nothing waits for the host.

#include "optim/adagrad_norm.h"

#include "optim/device_step.cuh"
#include "optim/device_step.h"
#include "optim/gradient_norm.cuh"
#include "optim/sgd.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/launch.cuh"

namespace anisograd {
namespace {

__global__ void __launch_bounds__(kSumThreads)
    RateKernel(float learning_rate, const double* pieces, int64_t count,
               float* accumulator, float* rate) {
  const double squares = SumInOrder(pieces, count);
  if (threadIdx.x != 0) return;
  *rate = AdaGradNormRateOfSum(learning_rate, squares, accumulator);
}

struct RateRule {
  static constexpr int kStates = 0;
  const float* device_rate;
  float rate;

  __device__ void Begin() { rate = *device_rate; }
  __device__ void operator()(float gradient, float*, float* weight) const {
    SgdStep(rate, gradient, weight);
  }
};

}  // namespace

absl::Status AdaGradNormStepOnDevice(cudaStream_t stream,
                                     const DeviceStep& step,
                                     float learning_rate, float* accumulator,
                                     float* rate, double* pieces) {
  RETURN_IF_ERROR(SumSquarePieces(stream, step.size, step.gradient, step.scale,
                                  pieces));
  RETURN_IF_ERROR(cuda::Launch("AdaGradNormRate", RateKernel, dim3(1),
                               dim3(kSumThreads), stream, learning_rate, pieces,
                               SquareSumPieces(step.size), accumulator, rate));
  return LaunchStep("AdaGradNormStep", stream, step, RateRule{rate, 0.0f}, {});
}

}  // namespace anisograd
