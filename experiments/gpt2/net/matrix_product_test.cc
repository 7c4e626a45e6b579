#include "experiments/gpt2/net/matrix_product.h"

#include "experiments/gpt2/net/gradient_check.h"
#include "gtest/gtest.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

// op(a) op(b) by the definition, in double.
template <typename T>
std::vector<T> Naive(Op op_a, const TestMatrix<T>& a, Op op_b,
                     const TestMatrix<T>& b, int64_t rows, int64_t inner,
                     int64_t columns, const TestMatrix<T>* add) {
  std::vector<T> c;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      double sum = add == nullptr ? 0.0 : static_cast<double>(add->at(i, j));
      for (int64_t k = 0; k < inner; ++k) {
        sum += static_cast<double>(op_a == Op::kAsIs ? a.at(i, k) : a.at(k, i)) *
               static_cast<double>(op_b == Op::kAsIs ? b.at(k, j) : b.at(j, k));
      }
      c.push_back(static_cast<T>(sum));
    }
  }
  return c;
}

template <typename T>
void CheckProducts(double tolerance) {
  const int64_t sizes[][3] = {
      {1, 1, 1}, {3, 17, 5}, {65, 33, 70}, {300, 40, 500}, {257, 9, 385}};
  for (const auto& [m, k, n] : sizes) {
    for (const Op op_a : {Op::kAsIs, Op::kTransposed}) {
      for (const Op op_b : {Op::kAsIs, Op::kTransposed}) {
        for (const Into into : {Into::kOverwrite, Into::kAdd}) {
          const TestMatrix<T> a = op_a == Op::kAsIs ? TestMatrix<T>(m, k, 1)
                                                    : TestMatrix<T>(k, m, 1);
          const TestMatrix<T> b = op_b == Op::kAsIs ? TestMatrix<T>(k, n, 2)
                                                    : TestMatrix<T>(n, k, 2);
          const TestMatrix<T> old(m, n, 3);
          const std::vector<T> expected =
              Naive(op_a, a, op_b, b, m, k, n,
                    into == Into::kAdd ? &old : nullptr);
          TestMatrix<T> c(m, n, 3);
          Multiply<T>(op_a, a.view(), op_b, b.view(), into, c.view());
          ExpectClose<T>("product", c.span(), expected, tolerance);
          // In tiles, on any number of threads, the same bits.
          std::vector<T> first;
          for (const int threads : {1, 2, 3}) {
            ThreadPool pool(threads);
            TestMatrix<T> tiled(m, n, 3);
            ParallelMultiply<T>(&pool, op_a, a.view(), op_b, b.view(), into,
                                tiled.view());
            ExpectClose<T>("in tiles", tiled.span(), expected, tolerance);
            if (first.empty()) first = tiled.values();
            ASSERT_EQ(tiled.values(), first) << threads << " threads";
          }
        }
      }
    }
  }
}

TEST(MatrixProduct, EqualsTheDefinition) {
  CheckProducts<double>(1e-13);
  CheckProducts<float>(1e-5);
}

TEST(MatrixProduct, StaysWithinAView) {
  // A product into the middle of a larger matrix leaves the rest alone.
  const TestMatrix<double> a(4, 3, 1), b(3, 5, 2);
  TestMatrix<double> c(8, 9, 3);
  const TestMatrix<double> old(8, 9, 3);
  Multiply<double>(Op::kAsIs, a.view(), Op::kAsIs, b.view(), Into::kOverwrite,
                   c.view().Block(2, 1, 4, 5));
  for (int64_t i = 0; i < 8; ++i) {
    for (int64_t j = 0; j < 9; ++j) {
      const bool inside = i >= 2 && i < 6 && j >= 1 && j < 6;
      EXPECT_EQ(c.at(i, j) == old.at(i, j), !inside) << i << " " << j;
    }
  }
}

}  // namespace
}  // namespace anisograd
