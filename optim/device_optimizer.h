#ifndef OPTIM_DEVICE_OPTIMIZER_H_
#define OPTIM_DEVICE_OPTIMIZER_H_

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "optim/device_step.h"
#include "optim/optimizer.pb.h"

namespace anisograd {

// Optimizer<float> (optim/optimizer.h) whose state, weights and gradients are
// in the device's memory. The CPU's bits, but for rules that need the norm,
// which is summed in another order (optim/gradient_norm.h): AdaGrad-Norm. The same
// bits on every device and in every run. Not for several threads or streams at
// once.
class DeviceOptimizer {
 public:
  virtual ~DeviceOptimizer() = default;

  // Starts one step on scale * gradient; arrays of size() elements, of any
  // alignment. The weights are masters in single precision; `weights_copy`,
  // where not nullptr, gets them rounded to bf16 in the same pass. The gradient
  // is left as it is.
  virtual absl::Status Step(cudaStream_t stream, float learning_rate,
                            const GradientScale& scale, const float* gradient,
                            float* weights, __nv_bfloat16* weights_copy) = 0;

  // State for checkpoints: the names, sizes and order of Optimizer::State(), so
  // that the CPU's checkpoints and the device's can stand for each other.
  struct NamedState {
    std::string name;
    int64_t size;
  };
  virtual std::vector<NamedState> State() const = 0;
  // Copies array `index` of State(), whole; waits for the stream.
  virtual absl::Status GetState(cudaStream_t stream, int index,
                                absl::Span<float> out) const = 0;
  virtual absl::Status SetState(cudaStream_t stream, int index,
                                absl::Span<const float> values) = 0;

  virtual int64_t size() const = 0;
};

// InvalidArgument for a bad spec, naming the field; ResourceExhausted where the
// device's memory does not suffice.
absl::StatusOr<std::unique_ptr<DeviceOptimizer>> MakeDeviceOptimizer(
    const OptimizerSpec& spec, int64_t size);

}  // namespace anisograd

#endif  // OPTIM_DEVICE_OPTIMIZER_H_
