#ifndef EXPERIMENTS_GPT2_NET_CUDA_LAYER_NORM_H_
#define EXPERIMENTS_GPT2_NET_CUDA_LAYER_NORM_H_

#include <cuda_runtime_api.h>

#include <cstdint>

#include "absl/status/status.h"
#include "experiments/gpt2/net/cuda/dropout_parameters.h"
#include "experiments/gpt2/net/matrix_view.h"

namespace anisograd {
namespace cuda {

// Layer norm with what surrounds it in GPT-2's residual stream; formulas in
// experiments/gpt2/net/layer_norm.h. The stream is in single precision, branches
// are in A = float or __nv_bfloat16. Matrices [rows, C] without gaps, C a
// multiple of four, at most kMaxLayerNormWidth; else InvalidArgument.
//
// Determinism: run to run and GPU to GPU; sums over a row are taken by one warp
// as a butterfly. Sums over rows are taken of 32 rows at a time, of which row r
// belongs to warp r % 8, warps in order; then over the pieces as in
// column_sums.h.

constexpr int64_t kMaxLayerNormWidth = 2048;
constexpr int64_t kLayerNormPiece = 32;

// Elements of LayerNormBackward's workspace.
constexpr int64_t LayerNormWorkspace(int64_t rows, int64_t width) {
  return (rows + kLayerNormPiece - 1) / kLayerNormPiece * width * 2;
}

// x = x_in + dropout(branch), y = layer norm of x; mean and rstd [rows] are for
// the way back. Where branch.data is null, x_in is normalised as it is, and x
// is not written. x may be x_in. Dropout counts rows from first_row.
template <typename A>
absl::Status LayerNormForward(cudaStream_t stream, MatrixView<const float> x_in,
                              MatrixView<const A> branch,
                              const DropoutParameters& dropout,
                              int64_t first_row, const float* gamma,
                              const float* beta, float epsilon,
                              MatrixView<float> x, MatrixView<A> y,
                              float* mean, float* rstd);

// From dy = dL/dy:
//   dx += what comes through the layer norm    (= where `add` is false)
//   dgamma += ..., dbeta += ...
//   dbranch = dropout(dx): the gradient of the branch that was added last
//   before x, which is where the way back goes on; not written where
//   dbranch.data is null. dbranch may be dy.
// workspace: LayerNormWorkspace(rows, C).
template <typename A>
absl::Status LayerNormBackward(cudaStream_t stream, MatrixView<const A> dy,
                               MatrixView<const float> x, const float* gamma,
                               const float* mean, const float* rstd, bool add,
                               const DropoutParameters& dropout,
                               int64_t first_row, float* workspace,
                               MatrixView<float> dx, MatrixView<A> dbranch,
                               float* dgamma, float* dbeta);

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_LAYER_NORM_H_
