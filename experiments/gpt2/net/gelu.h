#ifndef EXPERIMENTS_GPT2_NET_GELU_H_
#define EXPERIMENTS_GPT2_NET_GELU_H_

#include "experiments/gpt2/net/matrix_view.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// GPT-2's activation, Hugging Face's "gelu_new" (Hendrycks and Gimpel 2016):
//   y = x (1 + tanh u) / 2,  u = sqrt(2 / pi) (x + 0.044715 x^3),
// computed as x s with s = 1 / (1 + exp(-2 u)), which is the same function.
template <typename T>
void GeluForward(ThreadPool* pool, MatrixView<const T> x, MatrixView<T> y);

// dx = dy (s + 2 x s (1 - s) du/dx). dx may be dy.
template <typename T>
void GeluBackward(ThreadPool* pool, MatrixView<const T> dy,
                  MatrixView<const T> x, MatrixView<T> dx);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_GELU_H_
