#include "experiments/gpt2/net/matrix_product.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "experiments/gpt2/net/gradient_check.h"
#include "gtest/gtest.h"
#include "tools/base/isa_testing.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

// op(a) op(b) by the definition: chains of fused multiply-adds.
template <typename T>
std::vector<T> Chains(Op op_a, const TestMatrix<T>& a, Op op_b,
                      const TestMatrix<T>& b, int64_t rows, int64_t inner,
                      int64_t columns, const TestMatrix<T>* add) {
  std::vector<T> c;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      T sum = add == nullptr ? T{0} : add->at(i, j);
      for (int64_t k = 0; k < inner; ++k) {
        sum = std::fma(op_a == Op::kAsIs ? a.at(i, k) : a.at(k, i),
                       op_b == Op::kAsIs ? b.at(k, j) : b.at(j, k), sum);
      }
      c.push_back(sum);
    }
  }
  return c;
}

class MatrixProduct : public IsaTest {};
ANISOGRAD_FOR_EACH_ISA(MatrixProduct);

// Bit for bit, in one piece and in tiles on any number of threads.
template <typename T>
void CheckProduct(int64_t m, int64_t k, int64_t n) {
  for (const Op op_a : {Op::kAsIs, Op::kTransposed}) {
    for (const Op op_b : {Op::kAsIs, Op::kTransposed}) {
      for (const Into into : {Into::kOverwrite, Into::kAdd}) {
        const TestMatrix<T> a =
            op_a == Op::kAsIs ? TestMatrix<T>(m, k, 1) : TestMatrix<T>(k, m, 1);
        const TestMatrix<T> b =
            op_b == Op::kAsIs ? TestMatrix<T>(k, n, 2) : TestMatrix<T>(n, k, 2);
        const TestMatrix<T> old(m, n, 3);
        const std::vector<T> expected = Chains(
            op_a, a, op_b, b, m, k, n, into == Into::kAdd ? &old : nullptr);
        TestMatrix<T> c(m, n, 3);
        Multiply<T>(op_a, a.view(), op_b, b.view(), into, c.view());
        ASSERT_EQ(c.values(), expected)
            << m << " x " << k << " x " << n << ", ops "
            << static_cast<int>(op_a) << static_cast<int>(op_b)
            << static_cast<int>(into);
        for (const int threads : {1, 2, 3}) {
          ThreadPool pool(threads);
          TestMatrix<T> tiled(m, n, 3);
          ParallelMultiply<T>(&pool, op_a, a.view(), op_b, b.view(), into,
                              tiled.view());
          ASSERT_EQ(tiled.values(), expected) << threads << " threads";
        }
      }
    }
  }
}

TEST_P(MatrixProduct, HasTheBitsOfTheDefinition) {
  const int64_t sizes[][3] = {{1, 1, 1},      {3, 17, 5},     {65, 33, 70},
                              {300, 40, 500}, {257, 9, 385},  {31, 600, 200},
                              {64, 16, 64},   {270, 521, 45}, {12, 0, 7}};
  for (const auto& [m, k, n] : sizes) {
    CheckProduct<double>(m, k, n);
    CheckProduct<float>(m, k, n);
  }
}

// Every number of rows and columns that a kernel may be left with.
TEST_P(MatrixProduct, HasThemForEveryRest) {
  for (int64_t m = 1; m <= 25; ++m) CheckProduct<float>(m, 5, 40);
  for (int64_t n = 1; n <= 70; ++n) CheckProduct<float>(7, 6, n);
  for (int64_t n = 1; n <= 36; ++n) CheckProduct<double>(7, 5, n);
}

TEST_P(MatrixProduct, StaysWithinAView) {
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
