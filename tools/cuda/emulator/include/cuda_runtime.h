// The emulator's part of CUDA's header of this name: the language, and the
// device functions that the project uses.
#ifndef TOOLS_CUDA_EMULATOR_CUDA_RUNTIME_H_
#define TOOLS_CUDA_EMULATOR_CUDA_RUNTIME_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "cuda_runtime_api.h"
#include "tools/cuda/emulator/emulator.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
#define __restrict__

extern uint3 threadIdx;
extern uint3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;

// As unqualified names, CUDA has them for all of its types.
using std::max;
using std::min;
inline int64_t min(int64_t a, int b) { return a < b ? a : b; }
inline int64_t max(int64_t a, int b) { return a > b ? a : b; }

inline void __syncthreads() { anisograd::cuda::emulator::SyncThreads(); }
inline void __syncwarp(unsigned mask = 0xffffffffu) {
  anisograd::cuda::emulator::BeginExchange(mask, nullptr);
}

template <typename T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  using anisograd::cuda::emulator::Lane;
  const void* const* all =
      anisograd::cuda::emulator::BeginExchange(mask, &value);
  const int from = (Lane() & ~(width - 1)) | (source & (width - 1));
  const T result = all[from] == nullptr ? T() : *static_cast<const T*>(all[from]);
  anisograd::cuda::emulator::EndExchange(mask);
  return result;
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32) {
  return __shfl_sync(mask, value,
                     anisograd::cuda::emulator::Lane() ^ lanes, width);
}

inline float __uint_as_float(unsigned x) {
  float f;
  std::memcpy(&f, &x, sizeof(f));
  return f;
}
inline unsigned __float_as_uint(float f) {
  unsigned x;
  std::memcpy(&x, &f, sizeof(x));
  return x;
}

#endif  // TOOLS_CUDA_EMULATOR_CUDA_RUNTIME_H_
