#ifndef EXPERIMENTS_GPT2_NET_VECTOR_MATH_H_
#define EXPERIMENTS_GPT2_NET_VECTOR_MATH_H_

#include <cstdint>

namespace anisograd {

// Arrays of n >= 0 numbers, T = float or double. The bits are the same for any
// address and any width of the processor's vectors: vector_loops.h. An output may
// be one of the inputs, but not overlap one.

// out[i] = a[i] + b[i].
template <typename T>
void Add(int64_t n, const T* a, const T* b, T* out);

// y[i] += x[i].
template <typename T>
void AddTo(int64_t n, const T* x, T* y) {
  Add(n, x, y, y);
}

// x[i] *= factor.
template <typename T>
void Scale(int64_t n, T factor, T* x);

// sum_i a[i] b[i].
template <typename T>
T Dot(int64_t n, const T* a, const T* b);

// sum_i x[i]^2 in double precision: a piece of a norm in the order of
// optim/gradient_norm_order.h.
double SumOfSquares(int64_t n, const float* x);

// The numerators of a softmax, for n >= 1: with m = max_i factor x[i], returned
// as `max`, x[i] = exp(factor x[i] - m). Returns their sum. Unspecified where x
// has a NaN, but that the sum is NaN, too.
template <typename T>
T SoftmaxNumerators(int64_t n, T factor, T* x, T* max);

// x[i] = exp(factor x[i] - shift).
template <typename T>
void ExpOfScaled(int64_t n, T factor, T shift, T* x);

// The way back through dropout and softmax: y[i] = p[i] (kept[i] y[i] - shift)
// factor, then p[i] = kept[i] p[i].
template <typename T>
void SoftmaxGradient(int64_t n, const T* kept, T shift, T factor, T* p, T* y);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_VECTOR_MATH_H_
