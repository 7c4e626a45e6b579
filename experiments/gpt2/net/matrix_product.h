#ifndef EXPERIMENTS_GPT2_NET_MATRIX_PRODUCT_H_
#define EXPERIMENTS_GPT2_NET_MATRIX_PRODUCT_H_

#include "experiments/gpt2/net/matrix_view.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// How an operand enters a product.
enum class Op { kAsIs, kTransposed };
// What becomes of the result's old elements.
enum class Into { kOverwrite, kAdd };

// c = op(a) op(b), or c += op(a) op(b), with T = float or double. Shapes must
// fit; c overlaps neither a nor b.
//
// Every element of c is one chain of fused multiply-adds over ascending k,
//
//   c_ij <- fma(op(a)_ik, op(b)_kj, c_ij),   k = 0, 1, ...,
//
// from its old value or from 0. That defines the bits: they depend on nothing
// but the operands, neither on addresses, nor on blocks and tiles, nor on
// threads, nor on the width of the processor's vectors.
template <typename T>
void Multiply(Op op_a, MatrixView<const T> a, Op op_b, MatrixView<const T> b,
              Into into, MatrixView<T> c);

// The same on all threads of `pool`.
template <typename T>
void ParallelMultiply(ThreadPool* pool, Op op_a, MatrixView<const T> a, Op op_b,
                      MatrixView<const T> b, Into into, MatrixView<T> c);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_MATRIX_PRODUCT_H_
