#ifndef EXPERIMENTS_GPT2_CUDA_COLUMN_SUMS_CUH_
#define EXPERIMENTS_GPT2_CUDA_COLUMN_SUMS_CUH_

#include <cstdint>

#include "experiments/gpt2/cuda/column_sums.h"
#include "experiments/gpt2/cuda/quad.cuh"
#include "tools/cuda/launch.cuh"

namespace anisograd {
namespace cuda {

constexpr int kColumnSumQuads = 32;
constexpr int kColumnSumLanes = 8;

// Grid and block of a kernel that calls SumPiece.
inline dim3 ColumnSumGrid(int64_t rows, int64_t columns) {
  return dim3(static_cast<unsigned>(CeilDiv(rows, kColumnSumRows)),
              static_cast<unsigned>(CeilDiv(columns / 4, kColumnSumQuads)));
}
inline dim3 ColumnSumBlock() { return dim3(kColumnSumQuads, kColumnSumLanes); }

// The first pass: block (piece, tile of columns) adds up its 64 rows of
// kOutputs matrices, whose quads terms(row, quad, out[kOutputs]) gives, into
// rows piece + output * pieces of the workspace. Every thread of the block must
// call it.
template <int kOutputs, typename Terms>
__device__ void SumPiece(int64_t rows, int64_t columns, Terms terms,
                         float* workspace) {
  __shared__ Quad sums[kOutputs][kColumnSumLanes][kColumnSumQuads];
  const int64_t quad = blockIdx.y * kColumnSumQuads + threadIdx.x;
  const bool inside = quad < columns / 4;
  const int64_t begin = blockIdx.x * kColumnSumRows;
  const int64_t end =
      begin + kColumnSumRows < rows ? begin + kColumnSumRows : rows;
  Quad sum[kOutputs] = {};
  if (inside) {
    for (int64_t row = begin + threadIdx.y; row < end;
         row += kColumnSumLanes) {
      Quad term[kOutputs];
      terms(row, quad, term);
      for (int o = 0; o < kOutputs; ++o) {
        for (int i = 0; i < 4; ++i) sum[o].v[i] += term[o].v[i];
      }
    }
  }
  for (int o = 0; o < kOutputs; ++o) {
    sums[o][threadIdx.y][threadIdx.x] = sum[o];
  }
  __syncthreads();
  if (threadIdx.y != 0 || !inside) return;
  for (int o = 0; o < kOutputs; ++o) {
    Quad total = sums[o][0][threadIdx.x];
    for (int lane = 1; lane < kColumnSumLanes; ++lane) {
      const Quad part = sums[o][lane][threadIdx.x];
      for (int i = 0; i < 4; ++i) total.v[i] += part.v[i];
    }
    const int64_t piece = blockIdx.x + static_cast<int64_t>(o) * gridDim.x;
    StoreQuad(total, workspace + piece * columns + 4 * quad);
  }
}

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_CUDA_COLUMN_SUMS_CUH_
