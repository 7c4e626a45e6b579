#ifndef EXPERIMENTS_GPT2_NET_LAYER_NORM_H_
#define EXPERIMENTS_GPT2_NET_LAYER_NORM_H_

#include "experiments/gpt2/net/matrix_view.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// Layer norm (Ba et al. 2016), row by row over C columns:
//   mean = sum_c x_c / C,  rstd = 1 / sqrt(sum_c (x_c - mean)^2 / C + epsilon),
//   xhat_c = (x_c - mean) rstd,  y_c = gamma_c xhat_c + beta_c.
// Stores mean and rstd [rows] for the way back.
template <typename T>
void LayerNormForward(ThreadPool* pool, MatrixView<const T> x, const T* gamma,
                      const T* beta, double epsilon, MatrixView<T> y, T* mean,
                      T* rstd);

// From dy = dL/dy, with g_c = dy_c gamma_c:
//   dx_c += rstd (g_c - sum_k g_k / C - xhat_c sum_k g_k xhat_k / C)
//   dgamma_c += sum over rows of dy_c xhat_c,  dbeta_c += sum over rows of dy_c,
// rows in their order. dx is added to, since a residual stream goes round every
// layer norm of GPT-2.
template <typename T>
void LayerNormBackward(ThreadPool* pool, MatrixView<const T> dy,
                       MatrixView<const T> x, const T* gamma, const T* mean,
                       const T* rstd, MatrixView<T> dx, T* dgamma, T* dbeta);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_LAYER_NORM_H_
