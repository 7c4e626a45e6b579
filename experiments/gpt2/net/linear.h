#ifndef EXPERIMENTS_GPT2_NET_LINEAR_H_
#define EXPERIMENTS_GPT2_NET_LINEAR_H_

#include "experiments/gpt2/net/matrix_view.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// y = x W + b, with x [rows, inputs], W [inputs, outputs], b [outputs],
// y [rows, outputs].
template <typename T>
void LinearForward(ThreadPool* pool, MatrixView<const T> x,
                   MatrixView<const T> weight, const T* bias, MatrixView<T> y);

// From dy = dL/dy:
//   dx  = dy W^T       (overwritten)
//   dW += x^T dy
//   db += sum of dy's rows, in their order.
template <typename T>
void LinearBackward(ThreadPool* pool, MatrixView<const T> dy,
                    MatrixView<const T> x, MatrixView<const T> weight,
                    MatrixView<T> dx, MatrixView<T> dweight, T* dbias);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_LINEAR_H_
