#ifndef OPTIM_DEVICE_STEP_H_
#define OPTIM_DEVICE_STEP_H_

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstdint>

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

}  // namespace anisograd

#endif  // OPTIM_DEVICE_STEP_H_
