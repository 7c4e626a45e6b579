#ifndef TOOLS_CUDA_EMULATOR_RUNTIME_H_
#define TOOLS_CUDA_EMULATOR_RUNTIME_H_

#include <functional>

#include "cuda_runtime_api.h"

namespace anisograd {
namespace cuda {
namespace emulator {

// While one lives, the process can touch device memory.
class DeviceAccess {
 public:
  DeviceAccess();
  ~DeviceAccess();
  DeviceAccess(const DeviceAccess&) = delete;
  DeviceAccess& operator=(const DeviceAccess&) = delete;
};

// Runs `work`, or keeps it where `stream` is being captured.
cudaError_t DoOnStream(cudaStream_t stream, std::function<void()> work);

}  // namespace emulator
}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_CUDA_EMULATOR_RUNTIME_H_
