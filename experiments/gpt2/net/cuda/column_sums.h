#ifndef EXPERIMENTS_GPT2_NET_CUDA_COLUMN_SUMS_H_
#define EXPERIMENTS_GPT2_NET_CUDA_COLUMN_SUMS_H_

#include <cuda_runtime_api.h>

#include <cstdint>

#include "absl/status/status.h"
#include "experiments/gpt2/net/matrix_view.h"

namespace anisograd {
namespace cuda {

// Sums over the rows of a matrix, column by column: a bias' gradient.
//
// Determinism: run to run and GPU to GPU. Two passes in an order that the shape
// fixes: 64 rows at a time, of which row r belongs to lane r % 8, lanes in
// order; then the pieces, of which piece p belongs to lane p % 32, lanes in
// order.

constexpr int64_t kColumnSumRows = 64;

// Elements of the workspace for a sum over [rows, columns].
constexpr int64_t ColumnSumWorkspace(int64_t rows, int64_t columns) {
  return (rows + kColumnSumRows - 1) / kColumnSumRows * columns;
}

// out[c] += sum_r x[r, c], for x with a multiple of four columns. T = float or
// __nv_bfloat16.
template <typename T>
absl::Status AddColumnSums(cudaStream_t stream, MatrixView<const T> x,
                           float* workspace, float* out);

// The second pass: out0[c] += sum over the first `pieces` rows of workspace
// [outputs * pieces, columns], out1[c] that over the next; out1 may be null.
absl::Status AddPieces(cudaStream_t stream, int64_t pieces, int64_t columns,
                       const float* workspace, float* out0, float* out1);

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_COLUMN_SUMS_H_
