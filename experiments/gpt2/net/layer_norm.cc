#include "experiments/gpt2/net/layer_norm.h"

#include <cmath>
#include <cstdint>

#include "experiments/gpt2/net/vector_math.h"

namespace anisograd {
namespace {

constexpr int64_t kRows = 16;
constexpr int64_t kColumns = 64;

}  // namespace

template <typename T>
void LayerNormForward(ThreadPool* pool, MatrixView<const T> x, const T* gamma,
                      const T* beta, double epsilon, MatrixView<T> y, T* mean,
                      T* rstd) {
  const int64_t width = x.columns;
  pool->ParallelRanges(x.rows, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const T* const in = x.row(i);
      T* const out = y.row(i);
      const T m = Sum(width, in) / static_cast<T>(width);
      for (int64_t c = 0; c < width; ++c) out[c] = in[c] - m;
      const T variance = Dot(width, out, out) / static_cast<T>(width);
      const T r = T{1} / std::sqrt(variance + static_cast<T>(epsilon));
      for (int64_t c = 0; c < width; ++c) {
        out[c] = gamma[c] * (out[c] * r) + beta[c];
      }
      mean[i] = m;
      rstd[i] = r;
    }
  });
}

template <typename T>
void LayerNormBackward(ThreadPool* pool, MatrixView<const T> dy,
                       MatrixView<const T> x, const T* gamma, const T* mean,
                       const T* rstd, MatrixView<T> dx, T* dgamma, T* dbeta) {
  const int64_t width = x.columns;
  pool->ParallelRanges(x.rows, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const T* const in = x.row(i);
      const T* const up = dy.row(i);
      T* const out = dx.row(i);
      const T m = mean[i], r = rstd[i];
      const T sum_g = Dot(width, up, gamma);
      // sum_k g_k (x_k - mean), in lanes.
      Vector16<T> lanes = Vector16<T>::Zero();
      int64_t c = 0;
      for (; c + kVectorLanes <= width; c += kVectorLanes) {
        lanes += LoadVector(up + c) * LoadVector(gamma + c) *
                 (LoadVector(in + c) - m);
      }
      if (c < width) {
        lanes += LoadPart(up + c, width - c) * LoadPart(gamma + c, width - c) *
                 (LoadPart(in + c, width - c) - m);
      }
      const T mean_g = sum_g / static_cast<T>(width);
      const T mean_g_xhat =
          SumOfLanes<T>(lanes) * r / static_cast<T>(width);
      for (int64_t k = 0; k < width; ++k) {
        const T xhat = (in[k] - m) * r;
        out[k] += r * (up[k] * gamma[k] - mean_g - xhat * mean_g_xhat);
      }
    }
  });
  pool->ParallelRanges(width, kColumns, [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < x.rows; ++i) {
      const T* const in = x.row(i);
      const T* const up = dy.row(i);
      const T m = mean[i], r = rstd[i];
      for (int64_t c = begin; c < end; ++c) {
        dgamma[c] += up[c] * ((in[c] - m) * r);
        dbeta[c] += up[c];
      }
    }
  });
}

#define ANISOGRAD_INSTANTIATE(T)                                            \
  template void LayerNormForward<T>(ThreadPool*, MatrixView<const T>,       \
                                    const T*, const T*, double,             \
                                    MatrixView<T>, T*, T*);                 \
  template void LayerNormBackward<T>(ThreadPool*, MatrixView<const T>,      \
                                     MatrixView<const T>, const T*,         \
                                     const T*, const T*, MatrixView<T>, T*, \
                                     T*)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(double);
#undef ANISOGRAD_INSTANTIATE

}  // namespace anisograd
