#ifndef TOOLS_CUDA_EMULATOR_RUNTIME_H_
#define TOOLS_CUDA_EMULATOR_RUNTIME_H_

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

}  // namespace emulator
}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_CUDA_EMULATOR_RUNTIME_H_
