#include <cuda_bf16.h>

#include "experiments/gpt2/net/cuda/column_sums.h"
#include "experiments/gpt2/net/cuda/quad.cuh"
#include "tools/base/status_macros.h"
#include "tools/cuda/launch.cuh"

// The floor is one reading of x. Pieces, written and read in single precision,
// cost a 32nd of it, a 16th where x is in bf16.

namespace anisograd {
namespace cuda {
namespace {

// --- kernels ---

constexpr int kQuads = 32;
constexpr int kLanes = 8;

// The first pass: block (piece, tile of columns) adds up its 64 rows.
template <typename T>
__global__ void ColumnPiecesKernel(int64_t rows, int64_t columns,
                                   int64_t stride, const T* x,
                                   float* workspace) {
  using Sums = Quad[kLanes][kQuads];
  ANISOGRAD_SHARED(Sums, sums);
  const int64_t quad = blockIdx.y * kQuads + threadIdx.x;
  const bool inside = quad < columns / 4;
  const int64_t begin = blockIdx.x * kColumnSumRows;
  const int64_t end =
      begin + kColumnSumRows < rows ? begin + kColumnSumRows : rows;
  Quad sum = {};
  if (inside) {
    for (int64_t row = begin + threadIdx.y; row < end; row += kLanes) {
      const Quad term = LoadQuad(x + row * stride + 4 * quad);
      for (int i = 0; i < 4; ++i) sum.v[i] += term.v[i];
    }
  }
  sums[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || !inside) return;
  Quad total = sums[0][threadIdx.x];
  for (int lane = 1; lane < kLanes; ++lane) {
    const Quad part = sums[lane][threadIdx.x];
    for (int i = 0; i < 4; ++i) total.v[i] += part.v[i];
  }
  StoreQuad(total, workspace + blockIdx.x * columns + 4 * quad);
}

constexpr int kPieceLanes = 32;

__global__ void __launch_bounds__(kWarpSize* kPieceLanes)
    AddPiecesKernel(int64_t pieces, int64_t columns, const float* workspace,
                    float* out0, float* out1) {
  // One more column keeps the lanes of a column in different banks.
  using Sums = float[kPieceLanes][kWarpSize + 1];
  ANISOGRAD_SHARED(Sums, sums);
  const int64_t column = blockIdx.x * kWarpSize + threadIdx.x;
  const float* const in =
      workspace + static_cast<int64_t>(blockIdx.y) * pieces * columns;
  float sum = 0.0f;
  if (column < columns) {
    for (int64_t p = threadIdx.y; p < pieces; p += kPieceLanes) {
      sum += in[p * columns + column];
    }
  }
  sums[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || column >= columns) return;
  float total = sums[0][threadIdx.x];
  for (int lane = 1; lane < kPieceLanes; ++lane) {
    total += sums[lane][threadIdx.x];
  }
  float* const out = blockIdx.y == 0 ? out0 : out1;
  out[column] += total;
}

}  // namespace

// --- launchers ---

template <typename T>
absl::Status AddColumnSums(cudaStream_t stream, MatrixView<const T> x,
                           float* workspace, float* out) {
  const int64_t pieces = CeilDiv(x.rows, kColumnSumRows);
  const dim3 grid(static_cast<unsigned>(pieces),
                  static_cast<unsigned>(CeilDiv(x.columns / 4, kQuads)));
  RETURN_IF_ERROR(Launch("ColumnPieces", ColumnPiecesKernel<T>, grid,
                         dim3(kQuads, kLanes), stream, x.rows, x.columns,
                         x.stride, x.data, workspace));
  return AddPieces(stream, pieces, x.columns, workspace, out, nullptr);
}

absl::Status AddPieces(cudaStream_t stream, int64_t pieces, int64_t columns,
                       const float* workspace, float* out0, float* out1) {
  const dim3 grid(static_cast<unsigned>(CeilDiv(columns, kWarpSize)),
                  out1 == nullptr ? 1 : 2);
  return Launch("AddPieces", AddPiecesKernel, grid,
                dim3(kWarpSize, kPieceLanes), stream, pieces, columns,
                workspace, out0, out1);
}

template absl::Status AddColumnSums<float>(cudaStream_t,
                                           MatrixView<const float>, float*,
                                           float*);
template absl::Status AddColumnSums<__nv_bfloat16>(
    cudaStream_t, MatrixView<const __nv_bfloat16>, float*, float*);

}  // namespace cuda
}  // namespace anisograd
