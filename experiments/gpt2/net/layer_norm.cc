#include "experiments/gpt2/net/layer_norm.h"

#include <cmath>
#include <cstdint>

#include "tools/base/isa.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "experiments/gpt2/net/layer_norm.cc"
#include "hwy/foreach_target.h"
#include "experiments/gpt2/net/vector_loops.h"

HWY_BEFORE_NAMESPACE();
namespace anisograd {
namespace HWY_NAMESPACE {
namespace {

template <typename T>
T MeanOf(int64_t n, const T* x) {
  return SumVectors<T>(
             n, [=](const auto& at) HWY_ATTR { return at.Load(x); }) /
         static_cast<T>(n);
}

// out = x - mean; returns the mean of its squares.
template <typename T>
T Centre(int64_t n, const T* x, T mean, T* out) {
  return SumVectors<T>(n,
                       [=](const auto& at) HWY_ATTR {
                         const auto v =
                             hn::Sub(at.Load(x), hn::Set(Tag<T>(), mean));
                         at.Store(v, out);
                         return hn::Mul(v, v);
                       }) /
         static_cast<T>(n);
}

// y = gamma (y rstd) + beta.
template <typename T>
void ScaleAndShift(int64_t n, T rstd, const T* gamma, const T* beta, T* y) {
  ForVectors<T>(n, [=](const auto& at) HWY_ATTR {
    const auto normal = hn::Mul(at.Load(y), hn::Set(Tag<T>(), rstd));
    at.Store(hn::Add(hn::Mul(at.Load(gamma), normal), at.Load(beta)), y);
  });
}

// dx += rstd (g - mean(g) - xhat mean(g xhat)), with g = dy gamma and
// xhat = (x - mean) rstd.
template <typename T>
void BackwardRow(int64_t n, const T* dy, const T* x, const T* gamma, T mean,
                 T rstd, T* dx) {
  const Tag<T> d;
  const T width = static_cast<T>(n);
  const T mean_g = DotVectors(n, dy, gamma) / width;
  const T sum = SumVectors<T>(n, [=](const auto& at) HWY_ATTR {
    return hn::Mul(hn::Mul(at.Load(dy), at.Load(gamma)),
                   hn::Sub(at.Load(x), hn::Set(d, mean)));
  });
  const T mean_g_xhat = sum * rstd / width;
  ForVectors<T>(n, [=](const auto& at) HWY_ATTR {
    const auto xhat = hn::Mul(hn::Sub(at.Load(x), hn::Set(d, mean)),
                              hn::Set(d, rstd));
    const auto g = hn::Mul(at.Load(dy), at.Load(gamma));
    const auto centred = hn::Sub(hn::Sub(g, hn::Set(d, mean_g)),
                                 hn::Mul(xhat, hn::Set(d, mean_g_xhat)));
    at.Store(hn::Add(at.Load(dx), hn::Mul(hn::Set(d, rstd), centred)), dx);
  });
}

// dgamma += dy xhat and dbeta += dy.
template <typename T>
void AddToWeights(int64_t n, const T* dy, const T* x, T mean, T rstd, T* dgamma,
                  T* dbeta) {
  const Tag<T> d;
  ForVectors<T>(n, [=](const auto& at) HWY_ATTR {
    const auto up = at.Load(dy);
    const auto xhat = hn::Mul(hn::Sub(at.Load(x), hn::Set(d, mean)),
                              hn::Set(d, rstd));
    at.Store(hn::Add(at.Load(dgamma), hn::Mul(up, xhat)), dgamma);
    at.Store(hn::Add(at.Load(dbeta), up), dbeta);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace anisograd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
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
  const auto mean_of = ANISOGRAD_FOR_ISA(MeanOf<T>);
  const auto centre = ANISOGRAD_FOR_ISA(Centre<T>);
  const auto scale_and_shift = ANISOGRAD_FOR_ISA(ScaleAndShift<T>);
  pool->ParallelRanges(x.rows, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      mean[i] = mean_of(width, x.row(i));
      const T variance = centre(width, x.row(i), mean[i], y.row(i));
      rstd[i] = T{1} / std::sqrt(variance + static_cast<T>(epsilon));
      scale_and_shift(width, rstd[i], gamma, beta, y.row(i));
    }
  });
}

template <typename T>
void LayerNormBackward(ThreadPool* pool, MatrixView<const T> dy,
                       MatrixView<const T> x, const T* gamma, const T* mean,
                       const T* rstd, MatrixView<T> dx, T* dgamma, T* dbeta) {
  const int64_t width = x.columns;
  const auto backward_row = ANISOGRAD_FOR_ISA(BackwardRow<T>);
  pool->ParallelRanges(x.rows, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      backward_row(width, dy.row(i), x.row(i), gamma, mean[i], rstd[i],
                   dx.row(i));
    }
  });
  const auto add_to_weights = ANISOGRAD_FOR_ISA(AddToWeights<T>);
  pool->ParallelRanges(width, kColumns, [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < x.rows; ++i) {
      add_to_weights(end - begin, dy.row(i) + begin, x.row(i) + begin, mean[i],
                     rstd[i], dgamma + begin, dbeta + begin);
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
#endif  // HWY_ONCE
