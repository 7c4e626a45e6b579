#ifndef TOOLS_CUDA_LAUNCH_CUH_
#define TOOLS_CUDA_LAUNCH_CUH_

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "tools/cuda/emulated.h"
#include "tools/cuda/status.h"

// What kernels and their launchers share. Kernels compile for the GPU and for
// the emulator (tools/cuda/emulator) alike.

namespace anisograd {
namespace cuda {

constexpr int kWarpSize = 32;
constexpr unsigned kAllLanes = 0xffffffffu;

// Starts `kernel` on `stream`; an empty grid is no work. The status is that of
// the launch, or of an earlier kernel that has failed since. `shared_bytes` of
// dynamic shared memory, which DynamicShared() gives the kernel; more than 48
// KiB are asked for here.
template <typename... Parameters, typename... Arguments>
absl::Status LaunchShared(const char* name, void (*kernel)(Parameters...),
                          dim3 grid, dim3 block, size_t shared_bytes,
                          cudaStream_t stream, Arguments... arguments) {
  if (grid.x == 0 || grid.y == 0 || grid.z == 0) return absl::OkStatus();
  if (shared_bytes > size_t{48} << 10) {
    RETURN_IF_CUDA_ERROR(cudaFuncSetAttribute(
        kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
        static_cast<int>(shared_bytes)));
  }
#ifdef ANISOGRAD_CUDA_EMULATED
  emulator::Launch(reinterpret_cast<const void*>(kernel), grid, block,
                   shared_bytes, stream, [=] {
                     kernel(static_cast<Parameters>(arguments)...);
                   });
#else
  kernel<<<grid, block, shared_bytes, stream>>>(
      static_cast<Parameters>(arguments)...);
#endif
  return CudaStatus(cudaGetLastError(), name);
}

template <typename... Parameters, typename... Arguments>
absl::Status Launch(const char* name, void (*kernel)(Parameters...), dim3 grid,
                    dim3 block, cudaStream_t stream, Arguments... arguments) {
  return LaunchShared(name, kernel, grid, block, 0, stream, arguments...);
}

// Loads `kernel`, which CUDA else does at its first launch.
template <typename... Parameters>
absl::Status Load(const char* name, void (*kernel)(Parameters...)) {
  cudaFuncAttributes attributes;
  return CudaStatus(cudaFuncGetAttributes(&attributes, kernel), name);
}

// ceil(n / d).
inline __host__ __device__ int64_t CeilDiv(int64_t n, int64_t d) {
  return (n + d - 1) / d;
}

// A variable in the block's static shared memory, not initialised.
#ifdef ANISOGRAD_CUDA_EMULATED
#define ANISOGRAD_SHARED(Type, name)                                         \
  static const char name##_place = 0;                                        \
  Type& name = *static_cast<Type*>(                                          \
      ::anisograd::cuda::emulator::StaticShared(&name##_place, sizeof(Type)))
#else
#define ANISOGRAD_SHARED(Type, name) __shared__ Type name
#endif

// The block's dynamic shared memory, at a multiple of 16 bytes.
inline __device__ unsigned char* DynamicShared() {
#ifdef ANISOGRAD_CUDA_EMULATED
  return emulator::DynamicSharedMemory();
#else
  extern __shared__ __align__(128) unsigned char dynamic_shared[];
  return dynamic_shared;
#endif
}

// Sum or maximum over a warp, in every lane: a butterfly, so that all lanes get
// the same bits.
template <typename T>
__device__ inline T WarpSum(T x) {
  for (int mask = kWarpSize / 2; mask > 0; mask /= 2) {
    x += __shfl_xor_sync(kAllLanes, x, mask);
  }
  return x;
}

}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_CUDA_LAUNCH_CUH_
