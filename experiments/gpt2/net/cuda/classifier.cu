#include "experiments/gpt2/net/cuda/classifier.h"

#include <cuda_bf16.h>

#include <cfloat>

#include "experiments/gpt2/net/cuda/quad.cuh"
#include "tools/cuda/launch.cuh"

// The floor of CrossEntropy is one reading of the logits and one writing of
// their gradients: 4 + sizeof(A) bytes for each. The kernel reads twice; the
// second time it goes backwards, from what was read last, and two blocks fill a
// multiprocessor, so that the rows under way (of 200 kB at GPT-2's vocabulary)
// are about what the level-2 cache holds. GatherRows and ScatterRows move every
// element once.

namespace anisograd {
namespace cuda {
namespace {

constexpr int kThreads = 1024;
constexpr int kWarps = kThreads / kWarpSize;

// sum_v exp(l_v) = sum exp(max), over some of a row's elements. For no element
// the maximum is -FLT_MAX rather than minus infinity, since the difference of
// two infinities is not a number. A logit that is not a number makes the sum
// none; the maximum passes it over.
struct ExpSum {
  float max;
  float sum;
};

// --- kernels ---

// The elements of a quad, of which the first n <= 4 count.
inline __device__ void AddTo(const Quad& l, int64_t n, ExpSum* all) {
  float max = all->max;
  for (int k = 0; k < 4; ++k) {
    if (k < n) max = fmaxf(max, l.v[k]);
  }
  if (max > all->max) {
    all->sum *= expf(all->max - max);
    all->max = max;
  }
  for (int k = 0; k < 4; ++k) {
    if (k < n) all->sum += expf(l.v[k] - max);
  }
}

// The same bits as with the two exchanged.
inline __device__ ExpSum Combined(const ExpSum& a, const ExpSum& b) {
  const float max = fmaxf(a.max, b.max);
  return {max, a.sum * expf(a.max - max) + b.sum * expf(b.max - max)};
}

inline __device__ ExpSum OfWarp(ExpSum x) {
  for (int mask = kWarpSize / 2; mask > 0; mask /= 2) {
    x = Combined(x, {__shfl_xor_sync(kAllLanes, x.max, mask),
                     __shfl_xor_sync(kAllLanes, x.sum, mask)});
  }
  return x;
}

template <typename A>
__global__ void __launch_bounds__(kThreads, 2)
    CrossEntropyKernel(int64_t vocabulary, const int32_t* targets, float scale,
                       const float* logits, int64_t stride, double* losses,
                       A* dlogits, int64_t dstride) {
  static_assert(kWarps == kWarpSize, "a warp combines the warps' sums");
  using Warps = ExpSum[kWarps];
  ANISOGRAD_SHARED(Warps, warps);
  const int64_t i = blockIdx.x;
  const float* const row = logits + i * stride;
  const int thread = static_cast<int>(threadIdx.x);
  ExpSum all = {-FLT_MAX, 0.0f};
  for (int64_t v = 4 * thread; v < vocabulary; v += 4 * kThreads) {
    AddTo(LoadQuad(row + v), vocabulary - v, &all);
  }
  const int32_t target = targets[i];
  all = OfWarp(all);
  if (thread % kWarpSize == 0) warps[thread / kWarpSize] = all;
  // Before the barrier, behind which the gradient may take the logits' place.
  const float target_logit = thread == 0 ? row[target] : 0.0f;
  __syncthreads();
  all = OfWarp(warps[thread % kWarpSize]);
  if (thread == 0) {
    losses[i] = log(static_cast<double>(all.sum)) +
                (static_cast<double>(all.max) - target_logit);
  }
  if (dlogits == nullptr) return;
  const float factor = scale / all.sum;
  A* const out = dlogits + i * dstride;
  // The tiles backwards, by a number that counts upwards: with one that counts
  // down, nvcc 13.0 stores a quad as four elements.
  const int64_t tiles = CeilDiv(dstride, 4 * kThreads);
  for (int64_t tile = 0; tile < tiles; ++tile) {
    const int64_t v = 4 * ((tiles - 1 - tile) * kThreads + thread);
    if (v >= dstride) continue;
    Quad d = {};
    if (v < vocabulary) {
      const Quad l = LoadQuad(row + v);
      for (int k = 0; k < 4; ++k) {
        if (v + k < vocabulary) d.v[k] = expf(l.v[k] - all.max) * factor;
        if (v + k == target) d.v[k] -= scale;
      }
    }
    StoreQuad(d, out + v);
  }
}

// Block (row, tile of columns); a thread has one quad.
constexpr int kRowThreads = 64;

template <typename A, bool kScatter>
__global__ void MoveRowsKernel(int64_t quads, const int32_t* rows, const A* in,
                               A* out) {
  const int64_t quad =
      static_cast<int64_t>(blockIdx.y) * kRowThreads + threadIdx.x;
  if (quad >= quads) return;
  const int64_t i = blockIdx.x;
  const int64_t from = kScatter ? i : rows[i];
  const int64_t to = kScatter ? rows[i] : i;
  StoreQuad(LoadQuad(in + 4 * (from * quads + quad)),
            out + 4 * (to * quads + quad));
}

// --- launchers ---

dim3 RowGrid(int64_t rows, int64_t quads) {
  return dim3(static_cast<unsigned>(rows),
              static_cast<unsigned>(CeilDiv(quads, kRowThreads)));
}

}  // namespace

template <typename A>
absl::Status CrossEntropy(cudaStream_t stream, const int32_t* targets,
                          float scale, MatrixView<const float> logits,
                          double* losses, MatrixView<A> dlogits) {
  return Launch("CrossEntropy", CrossEntropyKernel<A>,
                dim3(static_cast<unsigned>(logits.rows)), dim3(kThreads),
                stream, logits.columns, targets, scale, logits.data,
                logits.stride, losses, dlogits.data, dlogits.stride);
}

template <typename A>
absl::Status GatherRows(cudaStream_t stream, const int32_t* rows,
                        MatrixView<const A> in, MatrixView<A> out) {
  const int64_t quads = out.columns / 4;
  return Launch("GatherRows", MoveRowsKernel<A, false>,
                RowGrid(out.rows, quads), dim3(kRowThreads), stream, quads,
                rows, in.data, out.data);
}

template <typename A>
absl::Status ScatterRows(cudaStream_t stream, const int32_t* rows,
                         MatrixView<const A> in, MatrixView<A> out) {
  const int64_t quads = in.columns / 4;
  return Launch("ScatterRows", MoveRowsKernel<A, true>,
                RowGrid(in.rows, quads), dim3(kRowThreads), stream, quads,
                rows, in.data, out.data);
}

#define ANISOGRAD_INSTANTIATE(A)                                             \
  template absl::Status CrossEntropy<A>(cudaStream_t, const int32_t*, float, \
                                        MatrixView<const float>, double*,    \
                                        MatrixView<A>);                      \
  template absl::Status GatherRows<A>(cudaStream_t, const int32_t*,          \
                                      MatrixView<const A>, MatrixView<A>);   \
  template absl::Status ScatterRows<A>(cudaStream_t, const int32_t*,         \
                                       MatrixView<const A>, MatrixView<A>)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(__nv_bfloat16);
#undef ANISOGRAD_INSTANTIATE

}  // namespace cuda
}  // namespace anisograd
