#ifndef EXPERIMENTS_LOGISTIC_CUDA_ROW_MARGIN_CUH_
#define EXPERIMENTS_LOGISTIC_CUDA_ROW_MARGIN_CUH_

#include <cuda_runtime.h>

#include <cstdint>

#include "experiments/logistic/cuda/device_run.h"
#include "tools/base/scalar_math.h"

namespace anisograd {
namespace cuda {

// y <x, w> of one row by one thread: two partial sums, of even and odd
// positions, as in lane_trainer.h.
inline __device__ double RowMargin(const DeviceRows& data, uint32_t row,
                                   const double* weights) {
  const uint32_t begin = data.row_start[row];
  const uint32_t end = data.row_start[row + 1];
  double even = 0.0, odd = 0.0;
  const auto add = [&](uint32_t k, double* sum) {
    const double w = weights[data.index[k]];
    *sum = data.value == nullptr ? *sum + w : MulAdd(data.value[k], w, *sum);
  };
  uint32_t k = begin;
  // So that several gathers are on their way.
#pragma unroll 4
  for (; k + 1 < end; k += 2) {
    add(k, &even);
    add(k + 1, &odd);
  }
  if (k < end) add(k, &even);
  const double dot = even + odd;
  return data.label[row] > 0 ? dot : -dot;
}

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_ROW_MARGIN_CUH_
