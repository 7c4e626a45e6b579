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
// The products are Eigen's. On Zen 3 it reaches the rate of OpenBLAS's sgemm
// within the noise, and its bits do not depend on the processor found at run
// time: the block sizes, which set the order of summation, are fixed here
// rather than derived from the machine's caches, and the instruction set is the
// compiler's. The bits are a function of the operands, their shapes and the
// addresses modulo 64 bytes.
template <typename T>
void Multiply(Op op_a, MatrixView<const T> a, Op op_b, MatrixView<const T> b,
              Into into, MatrixView<T> c);

// The same on all threads of `pool`: c in tiles, whose size does not depend on
// the number of threads.
template <typename T>
void ParallelMultiply(ThreadPool* pool, Op op_a, MatrixView<const T> a, Op op_b,
                      MatrixView<const T> b, Into into, MatrixView<T> c);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_MATRIX_PRODUCT_H_
