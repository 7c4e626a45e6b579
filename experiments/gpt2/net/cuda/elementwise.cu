#include "experiments/gpt2/net/cuda/elementwise.h"

#include "experiments/gpt2/net/cuda/quad.cuh"
#include "experiments/gpt2/net/gelu_formula.h"
#include "tools/cuda/launch.cuh"

// The floor is one reading and one writing of every element; a thread takes
// four at a time, 16 bytes in single precision, and neighbours take neighbours.

namespace anisograd {
namespace cuda {
namespace {

constexpr int kThreads = 256;

// --- kernels: a thread has one quad ---

inline __device__ int64_t ThreadNumber() {
  return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

inline __device__ float Gate(float x) {
  return 1.0f / (1.0f + expf(-GeluTwoU<float>(x)));
}

template <typename A>
__global__ void GeluForwardKernel(int64_t quads, const A* x, A* y) {
  const int64_t i = ThreadNumber();
  if (i >= quads) return;
  Quad v = LoadQuad(x + 4 * i);
  for (int k = 0; k < 4; ++k) v.v[k] *= Gate(v.v[k]);
  StoreQuad(v, y + 4 * i);
}

template <typename A>
__global__ void GeluBackwardKernel(int64_t quads, const A* dy, const A* x,
                                   A* dx) {
  const int64_t i = ThreadNumber();
  if (i >= quads) return;
  const Quad in = LoadQuad(x + 4 * i);
  Quad up = LoadQuad(dy + 4 * i);
  for (int k = 0; k < 4; ++k) {
    const float v = in.v[k];
    const float s = Gate(v);
    up.v[k] *= s + v * s * (1.0f - s) * GeluTwoDu<float>(v);
  }
  StoreQuad(up, dx + 4 * i);
}

template <typename A>
__global__ void AddBiasKernel(int64_t quads, int64_t quads_in_row,
                              const A* bias, A* x) {
  const int64_t i = ThreadNumber();
  if (i >= quads) return;
  const Quad b = LoadQuad(bias + 4 * (i % quads_in_row));
  Quad v = LoadQuad(x + 4 * i);
  for (int k = 0; k < 4; ++k) v.v[k] += b.v[k];
  StoreQuad(v, x + 4 * i);
}

__global__ void ApplyDropoutKernel(int64_t quads, DropoutParameters dropout,
                                   int64_t first_block, float* x) {
  const int64_t i = ThreadNumber();
  if (i >= quads) return;
  Quad v = LoadQuad(x + 4 * i);
  ApplyDropout(dropout, static_cast<uint64_t>(first_block + i), &v);
  StoreQuad(v, x + 4 * i);
}

__global__ void RoundToBf16Kernel(int64_t quads, const float* x,
                                  __nv_bfloat16* out) {
  const int64_t i = ThreadNumber();
  if (i >= quads) return;
  StoreQuad(LoadQuad(x + 4 * i), out + 4 * i);
}

dim3 QuadGrid(int64_t quads) {
  return dim3(static_cast<unsigned>(CeilDiv(quads, kThreads)));
}

}  // namespace

// --- launchers ---

template <typename A>
absl::Status GeluForward(cudaStream_t stream, MatrixView<const A> x,
                         MatrixView<A> y) {
  const int64_t quads = x.rows * x.columns / 4;
  return Launch("GeluForward", GeluForwardKernel<A>, QuadGrid(quads),
                dim3(kThreads), stream, quads, x.data, y.data);
}

template <typename A>
absl::Status GeluBackward(cudaStream_t stream, MatrixView<const A> dy,
                          MatrixView<const A> x, MatrixView<A> dx) {
  const int64_t quads = x.rows * x.columns / 4;
  return Launch("GeluBackward", GeluBackwardKernel<A>, QuadGrid(quads),
                dim3(kThreads), stream, quads, dy.data, x.data, dx.data);
}

template <typename A>
absl::Status AddBias(cudaStream_t stream, const A* bias, MatrixView<A> x) {
  const int64_t quads = x.rows * x.columns / 4;
  return Launch("AddBias", AddBiasKernel<A>, QuadGrid(quads), dim3(kThreads),
                stream, quads, x.columns / 4, bias, x.data);
}

absl::Status ApplyDropout(cudaStream_t stream, const DropoutParameters& dropout,
                          int64_t first_row, MatrixView<float> x) {
  if (!dropout.enabled) return absl::OkStatus();
  const int64_t quads = x.rows * x.columns / 4;
  return Launch("ApplyDropout", ApplyDropoutKernel, QuadGrid(quads),
                dim3(kThreads), stream, quads, dropout,
                first_row * (x.columns / 4), x.data);
}

absl::Status RoundToBf16(cudaStream_t stream, int64_t size, const float* x,
                         __nv_bfloat16* out) {
  return Launch("RoundToBf16", RoundToBf16Kernel, QuadGrid(size / 4),
                dim3(kThreads), stream, size / 4, x, out);
}

#define ANISOGRAD_INSTANTIATE(A)                                             \
  template absl::Status GeluForward<A>(cudaStream_t, MatrixView<const A>,    \
                                       MatrixView<A>);                       \
  template absl::Status GeluBackward<A>(cudaStream_t, MatrixView<const A>,   \
                                        MatrixView<const A>, MatrixView<A>); \
  template absl::Status AddBias<A>(cudaStream_t, const A*, MatrixView<A>)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(__nv_bfloat16);
#undef ANISOGRAD_INSTANTIATE

}  // namespace cuda
}  // namespace anisograd
