#ifndef OPTIM_DEVICE_STEP_H_
#define OPTIM_DEVICE_STEP_H_

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstdint>

#include "absl/status/status.h"
#include "optim/adam.h"

namespace anisograd {

// What gradients are multiplied by before a rule sees them: factor, times
// *device_factor where there is one, which is read when the kernel runs. The
// product with the gradient is rounded once more, as on the CPU.
struct GradientScale {
  float factor = 1.0f;
  // In the device's memory, or nullptr.
  const float* device_factor = nullptr;
};

// One step over a flat array. All pointers are to the device's memory, of any
// alignment; arrays must not overlap. Arrays at multiples of 16 bytes are
// accessed by 16 bytes.
struct DeviceStep {
  int64_t size = 0;
  GradientScale scale;
  const float* gradient = nullptr;
  float* weights = nullptr;
  // nullptr, or where the new weights go once more, rounded to nearest even.
  __nv_bfloat16* weights_copy = nullptr;
};

// Each is the rule of optim/sgd.h, adagrad.h, adagrad_norm.h or adam.h, in the
// same operations and so with the same bits. Every element is computed by one
// thread alone: nothing depends on how the device shares out the work.
absl::Status SgdStepOnDevice(cudaStream_t stream, const DeviceStep& step,
                             float learning_rate);
// accumulator: `size` elements. Zero gradients move nothing.
absl::Status AdaGradStepOnDevice(cudaStream_t stream, const DeviceStep& step,
                                 float learning_rate, float epsilon,
                                 float* accumulator);
// accumulator: 1 element. rate: 1 element, for the learning rate over b.
// pieces: SquareSumPieces(size) elements (optim/gradient_norm.h), lost. The
// norm is summed in another order than optim/optimizer.h has.
absl::Status AdaGradNormStepOnDevice(cudaStream_t stream,
                                     const DeviceStep& step,
                                     float learning_rate, float* accumulator,
                                     float* rate, double* pieces);
// first_moment, second_moment: `size` elements.
absl::Status AdamStepOnDevice(cudaStream_t stream, const DeviceStep& step,
                              float learning_rate,
                              const AdamStepConstants<float>& constants,
                              float* first_moment, float* second_moment);

}  // namespace anisograd

#endif  // OPTIM_DEVICE_STEP_H_
