// The emulator's part of CUDA's header of this name: the language, and the
// device functions that the project uses.
#ifndef TOOLS_CUDA_EMULATOR_CUDA_RUNTIME_H_
#define TOOLS_CUDA_EMULATOR_CUDA_RUNTIME_H_

#define ANISOGRAD_CUDA_EMULATED 1

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
// One block runs at a time, in one thread of the machine.
#define __shared__ static
#define __constant__ static
#define __align__(n) alignas(n)
#define __restrict__

extern uint3 threadIdx;
extern uint3 blockIdx;
extern dim3 blockDim;
extern dim3 gridDim;
constexpr int warpSize = 32;

// As unqualified names, CUDA has them for all of its types.
using std::max;
using std::min;
inline int64_t min(int64_t a, int b) { return a < b ? a : b; }
inline int64_t max(int64_t a, int b) { return a > b ? a : b; }

inline void __syncthreads() { anisograd::cuda::emulator::SyncThreads(); }
inline void __syncwarp(unsigned mask = 0xffffffffu) {
  anisograd::cuda::emulator::BeginExchange(mask, nullptr);
}
inline void __threadfence() {}
inline void __threadfence_block() {}

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
template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  const int lane = anisograd::cuda::emulator::Lane();
  const int from = lane % width + static_cast<int>(delta);
  return __shfl_sync(mask, value, from < width ? from : lane, width);
}
template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  const int lane = anisograd::cuda::emulator::Lane();
  const int from = lane % width - static_cast<int>(delta);
  return __shfl_sync(mask, value, from >= 0 ? from : lane, width);
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  const void* const* all =
      anisograd::cuda::emulator::BeginExchange(mask, &predicate);
  unsigned result = 0;
  for (int lane = 0; lane < 32; ++lane) {
    if (all[lane] != nullptr && *static_cast<const int*>(all[lane]) != 0) {
      result |= 1u << lane;
    }
  }
  anisograd::cuda::emulator::EndExchange(mask);
  return result;
}
inline int __any_sync(unsigned mask, int predicate) {
  return __ballot_sync(mask, predicate) != 0;
}
inline int __all_sync(unsigned mask, int predicate) {
  return __ballot_sync(mask, !predicate) == 0;
}

template <typename T>
T __ldg(const T* p) {
  return *p;
}
template <typename T>
T __ldcs(const T* p) {
  return *p;
}
template <typename T>
void __stcs(T* p, T value) {
  *p = value;
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
inline int __float_as_int(float f) {
  return static_cast<int>(__float_as_uint(f));
}
inline float __int_as_float(int x) {
  return __uint_as_float(static_cast<unsigned>(x));
}
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline float __expf(float x) { return std::exp(x); }
inline float __logf(float x) { return std::log(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fsqrt_rn(float x) { return std::sqrt(x); }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline double __fma_rn(double a, double b, double c) {
  return std::fma(a, b, c);
}

#endif  // TOOLS_CUDA_EMULATOR_CUDA_RUNTIME_H_
