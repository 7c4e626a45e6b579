#ifndef EXPERIMENTS_LOGISTIC_CUDA_ITERATE_CUH_
#define EXPERIMENTS_LOGISTIC_CUDA_ITERATE_CUH_

#include <cuda_runtime.h>

#include <cstdint>

#include "experiments/logistic/cuda/device_run.h"
#include "optim/averaging.h"
#include "tools/base/scalar_math.h"

// The iterate of a run that the protocol looks at, and its distances.

namespace anisograd {
namespace cuda {

// w_t, or the mean of w_0 .. w_{t-1} (w_0 at t = 0).
struct Iterate {
  const double* weights;
  bool average;
  const double* average_sum;  // sum_{s < until[j]} w_s
  const uint32_t* until;
  int64_t steps;

  __device__ double At(int64_t j) const {
    const double w = weights[j];
    if (!average || steps == 0) return w;
    return ExtendIterateSum(average_sum[j], w, until[j], steps) /
           static_cast<double>(steps);
  }
};

// One thread adds up what many threads have computed, so it is one that has no
// other work in a short loop.
inline __device__ bool IsLastThread() { return threadIdx.x + 1 == blockDim.x; }

constexpr int kDistanceTile = 256;

// Raises run.max_distance to |w_t - optimum|, for every optimum, by all
// threads of a block. `tile`: kDistanceTile doubles of shared memory that
// nobody uses any more. The sums are the last thread's alone, in the order of the
// coordinates, as on the CPU: there are few measurements. Ends with a barrier.
inline __device__ void MeasureDistances(const RunParameters& run,
                                        const Iterate& iterate,
                                        int64_t dimension, double* tile) {
  for (int o = 0; o < run.optima; ++o) {
    const double* const optimum = run.optimum[o];
    double sum = 0.0, largest = 0.0;
    for (int64_t first = 0; first < dimension; first += kDistanceTile) {
      const int count = static_cast<int>(
          dimension - first < kDistanceTile ? dimension - first
                                            : kDistanceTile);
      for (int i = static_cast<int>(threadIdx.x); i < count; i += blockDim.x) {
        tile[i] = iterate.weights[first + i] - optimum[first + i];
      }
      __syncthreads();
      if (IsLastThread()) {
#pragma unroll 8
        for (int i = 0; i < count; ++i) {
          sum = MulAdd(tile[i], tile[i], sum);
          largest = Max(largest, Abs(tile[i]));
        }
      }
      __syncthreads();
    }
    if (IsLastThread()) {
      double* const distance = run.max_distance + 2 * o;
      const double l2 = Sqrt(sum);
      // NaN raises nothing.
      if (distance[0] < l2) distance[0] = l2;
      if (distance[1] < largest) distance[1] = largest;
    }
  }
}

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_ITERATE_CUH_
