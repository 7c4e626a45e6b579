#ifndef EXPERIMENTS_GPT2_NET_CUDA_CLASSIFIER_H_
#define EXPERIMENTS_GPT2_NET_CUDA_CLASSIFIER_H_

#include <cuda_runtime_api.h>

#include <cstdint>

#include "absl/status/status.h"
#include "experiments/gpt2/net/matrix_view.h"

namespace anisograd {
namespace cuda {

// Softmax, cross entropy and its gradient in one kernel, for some rows of
// logits [rows, V]; formulas in experiments/gpt2/net/cross_entropy.h:
//   losses[i] = log sum_v exp(l_iv) - l_i,targets[i]
//   dlogits_iv = scale (softmax(l_i)_v - [v = targets[i]]),  v < V
//   dlogits_iv = 0,                                          V <= v < stride
// Every row has a target; what stands behind column V of the logits does not
// matter. dlogits are not written where dlogits.data is null; with A = float
// they may be the logits. Strides are multiples of four. A = float or
// __nv_bfloat16.
//
// Determinism: run to run and GPU to GPU; one block has one row, thread t the
// quads t, t + 1024, ..., and threads are combined as a tree.
template <typename A>
absl::Status CrossEntropy(cudaStream_t stream, const int32_t* targets,
                          float scale, MatrixView<const float> logits,
                          double* losses, MatrixView<A> dlogits);

// out_i = in[rows[i]], for i in [0, out.rows); without gaps, a multiple of four
// columns.
template <typename A>
absl::Status GatherRows(cudaStream_t stream, const int32_t* rows,
                        MatrixView<const A> in, MatrixView<A> out);

// out[rows[i]] = in_i, for i in [0, in.rows); rows differ.
template <typename A>
absl::Status ScatterRows(cudaStream_t stream, const int32_t* rows,
                         MatrixView<const A> in, MatrixView<A> out);

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_CLASSIFIER_H_
