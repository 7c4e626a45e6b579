#ifndef OPTIM_GRADIENT_NORM_CUH_
#define OPTIM_GRADIENT_NORM_CUH_

#include <cuda_runtime.h>

#include <cstdint>

#include "optim/gradient_norm.h"
#include "tools/cuda/launch.cuh"

namespace anisograd {

constexpr int kSumThreads = 256;

// For one whole block of kSumThreads: x[0] + x[1] + ..., from the left, in
// thread 0; unspecified in the others. The block loads, one thread adds: a
// gigabyte of gradient is some thousands of sums.
inline __device__ double SumInOrder(const double* x, int64_t count) {
  using Loaded = double[kSumThreads];
  ANISOGRAD_SHARED(Loaded, loaded);
  double sum = 0.0;
  for (int64_t begin = 0; begin < count; begin += kSumThreads) {
    const int64_t rest = count - begin;
    const int n = rest < kSumThreads ? static_cast<int>(rest) : kSumThreads;
    const int t = static_cast<int>(threadIdx.x);
    if (t < n) loaded[t] = x[begin + t];
    __syncthreads();
    if (t == 0) {
#pragma unroll 16
      for (int i = 0; i < n; ++i) sum += loaded[i];
    }
    __syncthreads();
  }
  return sum;
}

}  // namespace anisograd

#endif  // OPTIM_GRADIENT_NORM_CUH_
