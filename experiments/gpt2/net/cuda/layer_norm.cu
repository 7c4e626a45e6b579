#include <cuda_bf16.h>

#include <type_traits>

#include "experiments/gpt2/net/cuda/column_sums.h"
#include "experiments/gpt2/net/cuda/layer_norm.h"
#include "experiments/gpt2/net/cuda/quad.cuh"
#include "tools/base/status_macros.h"
#include "tools/cuda/launch.cuh"

// The floor is one reading of what comes in and one writing of what goes out:
// forward 8 + 2 sizeof(A) bytes for each element, backward 12 + 2 sizeof(A).
// Both reach for it by holding a row in registers between the passes over it.
// Backward has a few rows for every warp, whose shares of dgamma and dbeta it
// adds up in shared memory on the way: 32 bytes there for each element, an
// eighth of what shared memory moves in the time that the device's memory
// needs.

namespace anisograd {
namespace cuda {
namespace {

// One warp has one row at a time; lane l has its quads l, l + 32, ..., at most
// kQuads of them, in registers.
constexpr int kWarps = 4;
constexpr int kBackwardWarps = 8;

// --- kernels ---

template <typename A, int kQuads>
__global__ void __launch_bounds__(kWarps* kWarpSize)
    LayerNormForwardKernel(int64_t rows, int width, const float* x_in,
                           const A* branch, DropoutParameters dropout,
                           int64_t first_row, const float* gamma,
                           const float* beta, float epsilon, float* x, A* y,
                           float* mean, float* rstd) {
  const int lane = threadIdx.x % kWarpSize;
  const int64_t row =
      static_cast<int64_t>(blockIdx.x) * kWarps + threadIdx.x / kWarpSize;
  if (row >= rows) return;
  const int quads = width / 4;
  const int64_t start = row * width;
  Quad values[kQuads];
  float sum = 0.0f;
#pragma unroll
  for (int k = 0; k < kQuads; ++k) {
    const int quad = lane + k * kWarpSize;
    if (quad >= quads) continue;
    Quad v = LoadQuad(x_in + start + 4 * quad);
    if (branch != nullptr) {
      Quad b = LoadQuad(branch + start + 4 * quad);
      ApplyDropout(dropout,
                   static_cast<uint64_t>((first_row + row) * quads + quad), &b);
      for (int i = 0; i < 4; ++i) v.v[i] += b.v[i];
      StoreQuad(v, x + start + 4 * quad);
    }
    for (int i = 0; i < 4; ++i) sum += v.v[i];
    values[k] = v;
  }
  const float m = WarpSum(sum) / static_cast<float>(width);
  float squares = 0.0f;
#pragma unroll
  for (int k = 0; k < kQuads; ++k) {
    if (lane + k * kWarpSize >= quads) continue;
    for (int i = 0; i < 4; ++i) {
      values[k].v[i] -= m;
      squares += values[k].v[i] * values[k].v[i];
    }
  }
  const float variance = WarpSum(squares) / static_cast<float>(width);
  const float r = 1.0f / sqrtf(variance + epsilon);
#pragma unroll
  for (int k = 0; k < kQuads; ++k) {
    const int quad = lane + k * kWarpSize;
    if (quad >= quads) continue;
    const Quad g = LoadQuad(gamma + 4 * quad);
    const Quad b = LoadQuad(beta + 4 * quad);
    Quad out;
    for (int i = 0; i < 4; ++i) {
      out.v[i] = g.v[i] * (values[k].v[i] * r) + b.v[i];
    }
    StoreQuad(out, y + start + 4 * quad);
  }
  if (lane == 0) {
    mean[row] = m;
    rstd[row] = r;
  }
}

// Block p has the rows of piece p, of which warp w has w, w + 8, ... The shared
// memory holds every warp's sums, [kBackwardWarps][2][width].
template <typename A, int kQuads>
__global__ void __launch_bounds__(kBackwardWarps* kWarpSize,
                                  kQuads <= 8 ? 2 : 1)
    LayerNormBackwardKernel(int64_t rows, int width, const A* dy,
                            const float* x, const float* gamma,
                            const float* mean, const float* rstd, bool add,
                            DropoutParameters dropout, int64_t first_row,
                            float* workspace, float* dx, A* dbranch) {
  const int lane = threadIdx.x % kWarpSize;
  const int warp = threadIdx.x / kWarpSize;
  const int quads = width / 4;
  float* const sums = reinterpret_cast<float*>(DynamicShared());
  float* const dgamma = sums + 2 * warp * width;
  float* const dbeta = dgamma + width;
#pragma unroll
  for (int k = 0; k < kQuads; ++k) {
    const int quad = lane + k * kWarpSize;
    if (quad >= quads) continue;
    StoreQuad(Quad{}, dgamma + 4 * quad);
    StoreQuad(Quad{}, dbeta + 4 * quad);
  }
  const int64_t begin = static_cast<int64_t>(blockIdx.x) * kLayerNormPiece;
  const int64_t end =
      begin + kLayerNormPiece < rows ? begin + kLayerNormPiece : rows;
  for (int64_t row = begin + warp; row < end; row += kBackwardWarps) {
    const int64_t start = row * width;
    const float m = mean[row], r = rstd[row];
    // A row's loads come before its stores, which they must otherwise wait for.
    Quad g[kQuads], xhat[kQuads];
#pragma unroll
    for (int k = 0; k < kQuads; ++k) {
      const int quad = lane + k * kWarpSize;
      if (quad >= quads) continue;
      g[k] = LoadQuad(dy + start + 4 * quad);
      xhat[k] = LoadQuad(x + start + 4 * quad);
    }
    float sum_g = 0.0f, sum_g_xhat = 0.0f;
#pragma unroll
    for (int k = 0; k < kQuads; ++k) {
      const int quad = lane + k * kWarpSize;
      if (quad >= quads) continue;
      const Quad up = g[k];
      const Quad scale = LoadQuad(gamma + 4 * quad);
      const Quad in = xhat[k];
      Quad sum0 = LoadQuad(static_cast<const float*>(dgamma + 4 * quad));
      Quad sum1 = LoadQuad(static_cast<const float*>(dbeta + 4 * quad));
      for (int i = 0; i < 4; ++i) {
        g[k].v[i] = up.v[i] * scale.v[i];
        xhat[k].v[i] = (in.v[i] - m) * r;
        sum_g += g[k].v[i];
        sum_g_xhat += g[k].v[i] * xhat[k].v[i];
        sum0.v[i] += up.v[i] * xhat[k].v[i];
        sum1.v[i] += up.v[i];
      }
      StoreQuad(sum0, dgamma + 4 * quad);
      StoreQuad(sum1, dbeta + 4 * quad);
    }
    Quad old[kQuads] = {};
#pragma unroll
    for (int k = 0; k < kQuads; ++k) {
      const int quad = lane + k * kWarpSize;
      if (!add || quad >= quads) continue;
      old[k] = LoadQuad(static_cast<const float*>(dx + start + 4 * quad));
    }
    const float mean_g = WarpSum(sum_g) / static_cast<float>(width);
    const float mean_g_xhat = WarpSum(sum_g_xhat) / static_cast<float>(width);
#pragma unroll
    for (int k = 0; k < kQuads; ++k) {
      const int quad = lane + k * kWarpSize;
      if (quad >= quads) continue;
      Quad out = old[k];
      for (int i = 0; i < 4; ++i) {
        out.v[i] += r * (g[k].v[i] - mean_g - xhat[k].v[i] * mean_g_xhat);
      }
      StoreQuad(out, dx + start + 4 * quad);
      if (dbranch == nullptr) continue;
      ApplyDropout(dropout,
                   static_cast<uint64_t>((first_row + row) * quads + quad),
                   &out);
      StoreQuad(out, dbranch + start + 4 * quad);
    }
  }
  __syncthreads();
  // Quads of dgamma, then those of dbeta.
  for (int quad = threadIdx.x; quad < 2 * quads;
       quad += kBackwardWarps * kWarpSize) {
    Quad total = LoadQuad(static_cast<const float*>(sums + 4 * quad));
    for (int w = 1; w < kBackwardWarps; ++w) {
      const Quad part =
          LoadQuad(static_cast<const float*>(sums + 2 * w * width + 4 * quad));
      for (int i = 0; i < 4; ++i) total.v[i] += part.v[i];
    }
    const int64_t output = quad < quads ? 0 : 1;
    StoreQuad(total, workspace + (output * gridDim.x + blockIdx.x) * width +
                         4 * (quad - output * quads));
  }
}

// --- launchers ---

dim3 RowGrid(int64_t rows) {
  return dim3(static_cast<unsigned>(CeilDiv(rows, kWarps)));
}

absl::Status CheckWidth(int64_t width) {
  if (width % 4 == 0 && width <= kMaxLayerNormWidth) return absl::OkStatus();
  return absl::InvalidArgumentError("layer norm: width not supported");
}

// Calls launch(std::integral_constant<int, kQuads>) for the fewest registers
// that hold a row.
template <typename LaunchWith>
absl::Status ForWidth(int64_t width, LaunchWith launch) {
  const int64_t quads = CeilDiv(width / 4, kWarpSize);
  if (quads <= 1) return launch(std::integral_constant<int, 1>());
  if (quads <= 2) return launch(std::integral_constant<int, 2>());
  if (quads <= 4) return launch(std::integral_constant<int, 4>());
  if (quads <= 6) return launch(std::integral_constant<int, 6>());
  if (quads <= 8) return launch(std::integral_constant<int, 8>());
  return launch(std::integral_constant<int, 16>());
}

}  // namespace

template <typename A>
absl::Status LayerNormForward(cudaStream_t stream, MatrixView<const float> x_in,
                              MatrixView<const A> branch,
                              const DropoutParameters& dropout,
                              int64_t first_row, const float* gamma,
                              const float* beta, float epsilon,
                              MatrixView<float> x, MatrixView<A> y,
                              float* mean, float* rstd) {
  RETURN_IF_ERROR(CheckWidth(x_in.columns));
  return ForWidth(x_in.columns, [&](auto quads) {
    return Launch("LayerNormForward",
                  LayerNormForwardKernel<A, decltype(quads)::value>,
                  RowGrid(x_in.rows), dim3(kWarps * kWarpSize), stream,
                  x_in.rows, x_in.columns, x_in.data, branch.data, dropout,
                  first_row, gamma, beta, epsilon, x.data, y.data, mean, rstd);
  });
}

template <typename A>
absl::Status LayerNormBackward(cudaStream_t stream, MatrixView<const A> dy,
                               MatrixView<const float> x, const float* gamma,
                               const float* mean, const float* rstd, bool add,
                               const DropoutParameters& dropout,
                               int64_t first_row, float* workspace,
                               MatrixView<float> dx, MatrixView<A> dbranch,
                               float* dgamma, float* dbeta) {
  RETURN_IF_ERROR(CheckWidth(x.columns));
  const int64_t pieces = CeilDiv(x.rows, kLayerNormPiece);
  const size_t shared =
      static_cast<size_t>(2 * kBackwardWarps * x.columns) * sizeof(float);
  RETURN_IF_ERROR(ForWidth(x.columns, [&](auto quads) {
    return LaunchShared(
        "LayerNormBackward", LayerNormBackwardKernel<A, decltype(quads)::value>,
        dim3(static_cast<unsigned>(pieces)), dim3(kBackwardWarps * kWarpSize),
        shared, stream, x.rows, x.columns, dy.data, x.data, gamma, mean, rstd,
        add, dropout, first_row, workspace, dx.data, dbranch.data);
  }));
  return AddPieces(stream, pieces, x.columns, workspace, dgamma, dbeta);
}

#define ANISOGRAD_INSTANTIATE(A)                                              \
  template absl::Status LayerNormForward<A>(                                  \
      cudaStream_t, MatrixView<const float>, MatrixView<const A>,             \
      const DropoutParameters&, int64_t, const float*, const float*, float,   \
      MatrixView<float>, MatrixView<A>, float*, float*);                      \
  template absl::Status LayerNormBackward<A>(                                 \
      cudaStream_t, MatrixView<const A>, MatrixView<const float>,             \
      const float*, const float*, const float*, bool,                         \
      const DropoutParameters&, int64_t, float*, MatrixView<float>,           \
      MatrixView<A>, float*, float*)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(__nv_bfloat16);
#undef ANISOGRAD_INSTANTIATE

}  // namespace cuda
}  // namespace anisograd
