#include "experiments/gpt2/net/vector_math.h"

#include <cmath>
#include <limits>
#include <vector>

#include "experiments/gpt2/net/gradient_check.h"
#include "gtest/gtest.h"
#include "tools/base/isa_testing.h"

namespace anisograd {
namespace {

class VectorMath : public IsaTest {};
ANISOGRAD_FOR_EACH_ISA(VectorMath);

constexpr int64_t kMost = 70;

// Index i goes to lane i % 16 in order, the lanes are folded half upon half.
template <typename T>
T SumByDefinition(const std::vector<T>& terms) {
  T lanes[16] = {};
  for (size_t i = 0; i < terms.size(); ++i) lanes[i % 16] += terms[i];
  for (int half = 8; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

template <typename T>
void CheckSums() {
  for (int64_t n = 0; n <= kMost; ++n) {
    const TestMatrix<T> a(1, n, 1), b(1, n, 2);
    std::vector<T> terms;
    for (int64_t i = 0; i < n; ++i) terms.push_back(a.at(0, i) * b.at(0, i));
    ASSERT_EQ(Dot<T>(n, a.data(), b.data()), SumByDefinition(terms)) << n;
  }
}

TEST_P(VectorMath, DotHasTheBitsOfItsDefinition) {
  CheckSums<float>();
  CheckSums<double>();
}

TEST_P(VectorMath, SumOfSquaresHasTheBitsOfItsDefinition) {
  for (int64_t n = 0; n <= kMost; ++n) {
    const TestMatrix<float> x(1, n, 1);
    std::vector<double> terms;
    for (const float v : x.span()) terms.push_back(double{v} * double{v});
    ASSERT_EQ(SumOfSquares(n, x.data()), SumByDefinition(terms)) << n;
  }
}

template <typename T>
void CheckElements() {
  for (int64_t n = 0; n <= kMost; ++n) {
    const TestMatrix<T> a(1, n, 1), b(1, n, 2);
    // One more, which must stay.
    TestMatrix<T> sum(1, n + 1), scaled(1, n + 1), p(1, n + 1), ds(1, n + 1);
    TestMatrix<T> kept(1, n, 3);
    for (int64_t i = 0; i < n; ++i) {
      scaled.at(0, i) = p.at(0, i) = a.at(0, i);
      ds.at(0, i) = b.at(0, i);
      if (i % 3 == 0) kept.at(0, i) = T{0};
    }
    Add<T>(n, a.data(), b.data(), sum.data());
    Scale<T>(n, T(0.3), scaled.data());
    SoftmaxGradient<T>(n, kept.data(), T(0.2), T(1.1), p.data(), ds.data());
    for (int64_t i = 0; i < n; ++i) {
      ASSERT_EQ(sum.at(0, i), a.at(0, i) + b.at(0, i));
      ASSERT_EQ(scaled.at(0, i), a.at(0, i) * T(0.3));
      ASSERT_EQ(p.at(0, i), kept.at(0, i) * a.at(0, i));
      ASSERT_EQ(ds.at(0, i),
                a.at(0, i) * (b.at(0, i) * kept.at(0, i) - T(0.2)) * T(1.1));
    }
    ASSERT_EQ(sum.at(0, n), T{0});
    ASSERT_EQ(scaled.at(0, n), T{0});
    ASSERT_EQ(p.at(0, n), T{0});
    ASSERT_EQ(ds.at(0, n), T{0});
  }
}

TEST_P(VectorMath, ElementsByTheirFormulas) {
  CheckElements<float>();
  CheckElements<double>();
}

// exp(x) for one x.
template <typename T>
T ExpOf(T x) {
  ExpOfScaled<T>(1, T{1}, T{0}, &x);
  return x;
}

template <typename T>
void CheckExp(T least, T most) {
  const T epsilon = std::numeric_limits<T>::epsilon();
  for (int i = 0; i <= 100000; ++i) {
    const T x = least + (most - least) * static_cast<T>(i) / T(100000);
    const long double exact = std::exp(static_cast<long double>(x));
    ASSERT_NEAR(ExpOf(x) / exact, 1.0, 2.0 * epsilon) << x;
  }
  EXPECT_EQ(ExpOf(T{0}), T{1});
  const T infinity = std::numeric_limits<T>::infinity();
  EXPECT_EQ(ExpOf(infinity), infinity);
  EXPECT_LT(ExpOf(-infinity), std::numeric_limits<T>::min());
  EXPECT_GE(ExpOf(-infinity), T{0});
  EXPECT_TRUE(std::isnan(ExpOf(std::numeric_limits<T>::quiet_NaN())));
}

TEST_P(VectorMath, ExpIsWithinTwoUnitsInTheLastPlace) {
  CheckExp<float>(-87.0f, 88.0f);
  CheckExp<double>(-708.0, 709.0);
}

// The same bits wherever an element stands, and on every instruction set: these
// are AVX2's.
TEST_P(VectorMath, ExpHasTheSameBitsEverywhere) {
  for (int64_t n = 1; n <= kMost; ++n) {
    const TestMatrix<float> x(1, n, 1);
    TestMatrix<float> all(1, n, 1);
    ExpOfScaled<float>(n, 30.0f, 0.5f, all.data());
    UseIsa(Isa::kAvx2);
    for (int64_t i = 0; i < n; ++i) {
      float one = x.at(0, i);
      ExpOfScaled<float>(1, 30.0f, 0.5f, &one);
      ASSERT_EQ(all.at(0, i), one) << n << " " << i;
    }
    UseIsa(GetParam());
  }
  // The smallest numbers, which are rounded twice where it is done wrongly.
  for (float x = -89.0f; x < -86.0f; x += 0.001f) {
    const float wide = ExpOf(x);
    UseIsa(Isa::kAvx2);
    ASSERT_EQ(wide, ExpOf(x)) << x;
    UseIsa(GetParam());
  }
}

template <typename T>
void CheckSoftmax() {
  for (int64_t n = 1; n <= kMost; ++n) {
    const TestMatrix<T> x(1, n, 1);
    TestMatrix<T> e(1, n, 1);
    T max;
    const T sum = SoftmaxNumerators<T>(n, T(3), e.data(), &max);
    T largest = T(3) * x.at(0, 0);
    for (const T v : x.span()) largest = std::max(largest, T(3) * v);
    ASSERT_EQ(max, largest);
    std::vector<T> terms = e.values();
    ASSERT_EQ(sum, SumByDefinition(terms));
    TestMatrix<T> expected(1, n, 1);
    ExpOfScaled<T>(n, T(3), largest, expected.data());
    ASSERT_EQ(terms, expected.values());
  }
  TestMatrix<T> x(1, 20, 1);
  x.at(0, 7) = std::numeric_limits<T>::quiet_NaN();
  T max;
  EXPECT_TRUE(std::isnan(SoftmaxNumerators<T>(20, T{1}, x.data(), &max)));
}

TEST_P(VectorMath, SoftmaxNumeratorsByTheirFormula) {
  CheckSoftmax<float>();
  CheckSoftmax<double>();
}

}  // namespace
}  // namespace anisograd
