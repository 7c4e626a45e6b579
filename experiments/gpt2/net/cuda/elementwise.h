#ifndef EXPERIMENTS_GPT2_NET_CUDA_ELEMENTWISE_H_
#define EXPERIMENTS_GPT2_NET_CUDA_ELEMENTWISE_H_

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstdint>

#include "absl/status/status.h"
#include "experiments/gpt2/net/cuda/dropout_parameters.h"
#include "experiments/gpt2/net/matrix_view.h"

namespace anisograd {
namespace cuda {

// Element by element over arrays without gaps, whose sizes are multiples of
// four. A = float or __nv_bfloat16; computed in single precision.

// y = gelu(x), as in experiments/gpt2/net/gelu.h.
template <typename A>
absl::Status GeluForward(cudaStream_t stream, MatrixView<const A> x,
                         MatrixView<A> y);

// dx = dy gelu'(x). dx may be dy.
template <typename A>
absl::Status GeluBackward(cudaStream_t stream, MatrixView<const A> dy,
                          MatrixView<const A> x, MatrixView<A> dx);

// x_i += bias, for every row i; rounded once.
template <typename A>
absl::Status AddBias(cudaStream_t stream, const A* bias, MatrixView<A> x);

// x *= factors, where row i holds the elements from (first_row + i) * columns.
absl::Status ApplyDropout(cudaStream_t stream, const DropoutParameters& dropout,
                          int64_t first_row, MatrixView<float> x);

// out[i] = x[i], rounded to nearest even.
absl::Status RoundToBf16(cudaStream_t stream, int64_t size, const float* x,
                         __nv_bfloat16* out);

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_ELEMENTWISE_H_
