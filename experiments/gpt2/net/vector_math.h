#ifndef EXPERIMENTS_GPT2_NET_VECTOR_MATH_H_
#define EXPERIMENTS_GPT2_NET_VECTOR_MATH_H_

#include <algorithm>
#include <cstdint>

#include "Eigen/Core"

namespace anisograd {

// Loops over arrays of numbers in vectors of 16, for T = float or double.
//
// Reproducibility: element i always takes the same path, whatever the array's
// address, and the partial sums of a reduction are those of the indices modulo
// 16, added up in a fixed order. (Eigen's own loops over arrays treat what lies
// before the first aligned address apart.)

constexpr int64_t kVectorLanes = 16;

template <typename T>
using Vector16 = Eigen::Array<T, kVectorLanes, 1>;

template <typename T>
inline Vector16<T> LoadVector(const T* p) {
  return Eigen::Map<const Vector16<T>>(p);
}
template <typename T>
inline void StoreVector(const Vector16<T>& v, T* p) {
  Eigen::Map<Vector16<T>>(p, kVectorLanes) = v;
}
// The first n < 16 elements; the rest of the vector is zero.
template <typename T>
inline Vector16<T> LoadPart(const T* p, int64_t n) {
  Vector16<T> v = Vector16<T>::Zero();
  for (int64_t i = 0; i < n; ++i) v[i] = p[i];
  return v;
}
template <typename T>
inline void StorePart(const Vector16<T>& v, int64_t n, T* p) {
  for (int64_t i = 0; i < n; ++i) p[i] = v[i];
}

// out[i] = f(in[i]) for vectors at a time; `in` may be `out`.
template <typename T, typename F>
inline void Transform(int64_t n, const T* in, T* out, F f) {
  int64_t i = 0;
  for (; i + kVectorLanes <= n; i += kVectorLanes) {
    StoreVector<T>(f(LoadVector(in + i)), out + i);
  }
  if (i < n) StorePart<T>(f(LoadPart(in + i, n - i)), n - i, out + i);
}

// out[i] = f(a[i], b[i]).
template <typename T, typename F>
inline void Transform(int64_t n, const T* a, const T* b, T* out, F f) {
  int64_t i = 0;
  for (; i + kVectorLanes <= n; i += kVectorLanes) {
    StoreVector<T>(f(LoadVector(a + i), LoadVector(b + i)), out + i);
  }
  if (i < n) {
    StorePart<T>(f(LoadPart(a + i, n - i), LoadPart(b + i, n - i)), n - i,
                 out + i);
  }
}

// The lanes of v added as a tree.
template <typename T>
inline T SumOfLanes(Vector16<T> v) {
  for (int64_t half = kVectorLanes / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; ++i) v[i] += v[i + half];
  }
  return v[0];
}

template <typename T>
inline T Sum(int64_t n, const T* x) {
  Vector16<T> sum = Vector16<T>::Zero();
  int64_t i = 0;
  for (; i + kVectorLanes <= n; i += kVectorLanes) sum += LoadVector(x + i);
  if (i < n) sum += LoadPart(x + i, n - i);
  return SumOfLanes<T>(sum);
}

// sum_i a[i] b[i].
template <typename T>
inline T Dot(int64_t n, const T* a, const T* b) {
  Vector16<T> sum = Vector16<T>::Zero();
  int64_t i = 0;
  for (; i + kVectorLanes <= n; i += kVectorLanes) {
    sum += LoadVector(a + i) * LoadVector(b + i);
  }
  if (i < n) sum += LoadPart(a + i, n - i) * LoadPart(b + i, n - i);
  return SumOfLanes<T>(sum);
}

// max_i x[i], for n >= 1; unspecified where x has a NaN.
template <typename T>
inline T Max(int64_t n, const T* x) {
  Vector16<T> max = Vector16<T>::Constant(x[0]);
  int64_t i = 0;
  for (; i + kVectorLanes <= n; i += kVectorLanes) {
    max = max.max(LoadVector(x + i));
  }
  for (; i < n; ++i) max[0] = std::max(max[0], x[i]);
  return max.maxCoeff();
}

// x[i] = exp(x[i] - shift); returns the sum of the new x.
template <typename T>
inline T ExpAndSum(int64_t n, T shift, T* x) {
  Vector16<T> sum = Vector16<T>::Zero();
  int64_t i = 0;
  for (; i + kVectorLanes <= n; i += kVectorLanes) {
    const Vector16<T> e = (LoadVector(x + i) - shift).exp();
    StoreVector<T>(e, x + i);
    sum += e;
  }
  if (i < n) {
    const Vector16<T> e = (LoadPart(x + i, n - i) - shift).exp();
    StorePart<T>(e, n - i, x + i);
    sum += LoadPart(x + i, n - i);
  }
  return SumOfLanes<T>(sum);
}

// y[i] += x[i].
template <typename T>
inline void AddTo(int64_t n, const T* x, T* y) {
  for (int64_t i = 0; i < n; ++i) y[i] += x[i];
}

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_VECTOR_MATH_H_
