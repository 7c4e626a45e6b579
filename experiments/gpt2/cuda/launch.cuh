#ifndef EXPERIMENTS_GPT2_CUDA_LAUNCH_CUH_
#define EXPERIMENTS_GPT2_CUDA_LAUNCH_CUH_

#include <cuda_runtime.h>

#include <cstdint>

#include "absl/status/status.h"
#include "experiments/gpt2/cuda/status.h"

namespace anisograd {
namespace cuda {

constexpr int kWarpSize = 32;
constexpr unsigned kAllLanes = 0xffffffffu;

// Starts `kernel` on `stream`; an empty grid is no work. The status is that of
// the launch, or of an earlier kernel that has failed since.
template <typename... Parameters, typename... Arguments>
absl::Status Launch(const char* name, void (*kernel)(Parameters...), dim3 grid,
                    dim3 block, cudaStream_t stream, Arguments... arguments) {
  if (grid.x == 0 || grid.y == 0) return absl::OkStatus();
  kernel<<<grid, block, 0, stream>>>(static_cast<Parameters>(arguments)...);
  return CudaStatus(cudaGetLastError(), name);
}

// ceil(n / d).
inline __host__ __device__ int64_t CeilDiv(int64_t n, int64_t d) {
  return (n + d - 1) / d;
}

// Sum or maximum over a warp, in every lane: a butterfly, so that all lanes get
// the same bits.
inline __device__ float WarpSum(float x) {
  for (int mask = 16; mask > 0; mask /= 2) {
    x += __shfl_xor_sync(kAllLanes, x, mask);
  }
  return x;
}

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_CUDA_LAUNCH_CUH_
