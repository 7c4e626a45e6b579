#ifndef EXPERIMENTS_GPT2_NET_GRADIENT_CHECK_H_
#define EXPERIMENTS_GPT2_NET_GRADIENT_CHECK_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "experiments/gpt2/net/matrix_view.h"
#include "gtest/gtest.h"
#include "tools/base/aligned_buffer.h"
#include "tools/base/random.h"

namespace anisograd {

// A matrix of a test, filled with numbers uniform in [-1, 1) that are a function
// of (seed, rows, columns).
template <typename T>
class TestMatrix {
 public:
  TestMatrix(int64_t rows, int64_t columns, uint64_t seed)
      : rows_(rows), columns_(columns), values_(rows * columns) {
    RandomStream stream(seed, RandomPurpose::kTest);
    for (T& x : values_.span()) x = static_cast<T>(stream.NextUniform(-1, 1));
  }
  // Zeros.
  TestMatrix(int64_t rows, int64_t columns)
      : rows_(rows), columns_(columns), values_(rows * columns) {}

  MatrixView<T> view() { return {values_.data(), rows_, columns_}; }
  MatrixView<const T> view() const { return {values_.data(), rows_, columns_}; }
  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }
  T& at(int64_t i, int64_t j) { return values_.data()[i * columns_ + j]; }
  const T& at(int64_t i, int64_t j) const {
    return values_.data()[i * columns_ + j];
  }
  absl::Span<T> span() { return values_.span(); }
  absl::Span<const T> span() const { return values_.span(); }
  std::vector<T> values() const {
    return std::vector<T>(values_.data(), values_.data() + values_.size());
  }
  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }

 private:
  int64_t rows_, columns_;
  AlignedBuffer<T> values_;
};

// sum_ij a_ij b_ij: the scalar whose gradient with respect to b is a.
template <typename T>
double InnerProduct(const TestMatrix<T>& a, const TestMatrix<T>& b) {
  double sum = 0.0;
  for (size_t i = 0; i < a.span().size(); ++i) {
    sum += static_cast<double>(a.span()[i]) * static_cast<double>(b.span()[i]);
  }
  return sum;
}

// Compares `gradient` with central differences of `loss` in every element of
// `x`: |difference| <= tolerance * max(1, largest |gradient|).
inline void ExpectGradient(const std::string& what, absl::Span<double> x,
                           const std::function<double()>& loss,
                           absl::Span<const double> gradient,
                           double tolerance = 1e-7) {
  ASSERT_EQ(x.size(), gradient.size()) << what;
  double scale = 1.0;
  for (const double g : gradient) scale = std::max(scale, std::fabs(g));
  for (size_t i = 0; i < x.size(); ++i) {
    constexpr double kStep = 1e-5;
    const double old = x[i];
    x[i] = old + kStep;
    const double above = loss();
    x[i] = old - kStep;
    const double below = loss();
    x[i] = old;
    ASSERT_NEAR(gradient[i], (above - below) / (2 * kStep), tolerance * scale)
        << what << " element " << i;
  }
}

// Every element within `tolerance` * max(1, largest |expected|).
template <typename T>
void ExpectClose(const std::string& what, absl::Span<const T> actual,
                 absl::Span<const T> expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  double scale = 1.0;
  for (const T e : expected) {
    scale = std::max(scale, std::fabs(static_cast<double>(e)));
  }
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], tolerance * scale)
        << what << " element " << i;
  }
}

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_GRADIENT_CHECK_H_
