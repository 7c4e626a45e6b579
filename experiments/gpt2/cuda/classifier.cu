#include "experiments/gpt2/cuda/classifier.h"

#include <cuda_bf16.h>

#include <cfloat>

#include "tools/cuda/launch.cuh"
#include "experiments/gpt2/cuda/quad.cuh"

namespace anisograd {
namespace cuda {
namespace {

constexpr int kThreads = 512;
constexpr int kWarps = kThreads / kWarpSize;

// sum_v exp(l_v), as sum * exp(max), over some of a row's elements. A maximum of
// -FLT_MAX rather than minus infinity for no element: the difference of two
// infinities is not a number.
struct ExpSum {
  float max = -FLT_MAX;
  float sum = 0.0f;

  __device__ void Add(float l) {
    if (l > max) {
      sum *= expf(max - l);
      max = l;
    }
    // With l not a number, the sum is none.
    sum += expf(l - max);
  }
  __device__ void Add(const ExpSum& other) {
    const float larger = fmaxf(max, other.max);
    sum = sum * expf(max - larger) + other.sum * expf(other.max - larger);
    max = larger;
  }
};

// --- kernels ---

template <typename A>
__global__ void __launch_bounds__(kThreads)
    CrossEntropyKernel(int64_t vocabulary, const int32_t* targets, float scale,
                       const float* logits, int64_t stride, double* losses,
                       A* dlogits, int64_t dstride) {
  __shared__ ExpSumBits warps[kWarps];
  const int64_t i = blockIdx.x;
  const float* const row = logits + i * stride;
  const int lane = threadIdx.x % kWarpSize;
  ExpSum all;
  for (int64_t v = 4 * threadIdx.x; v < vocabulary; v += 4 * kThreads) {
    const Quad l = LoadQuad(row + v);
    for (int k = 0; k < 4; ++k) {
      if (v + k < vocabulary) all.Add(l.v[k]);
    }
  }
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
