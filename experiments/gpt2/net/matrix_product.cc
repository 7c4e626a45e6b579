#include "experiments/gpt2/net/matrix_product.h"

#include <algorithm>
#include <cstdint>

#include "Eigen/Core"

namespace anisograd {
namespace {

// Tiles of c. Large, since each one packs its operands anew; measured on Zen 3
// over the shapes of GPT-2 124M, where smaller and larger ones lose.
constexpr int64_t kTileRows = 256;
constexpr int64_t kTileColumns = 384;

// Fixes Eigen's block sizes, once, before the first product: the caches of a
// common x86-64 core (32 KB, 512 KB, 4 MB of the shared one).
void FixBlockSizes() {
  static const bool done = [] {
    Eigen::setCpuCacheSizes(32 << 10, 512 << 10, 4 << 20);
    return true;
  }();
  static_cast<void>(done);
}

template <typename T>
using RowMajor =
    Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

template <typename T>
auto ToEigen(MatrixView<const T> m) {
  return Eigen::Map<const RowMajor<T>, 0, Eigen::OuterStride<>>(
      m.data, m.rows, m.columns, Eigen::OuterStride<>(m.stride));
}

}  // namespace

template <typename T>
void Multiply(Op op_a, MatrixView<const T> a, Op op_b, MatrixView<const T> b,
              Into into, MatrixView<T> c) {
  FixBlockSizes();
  Eigen::Map<RowMajor<T>, 0, Eigen::OuterStride<>> result(
      c.data, c.rows, c.columns, Eigen::OuterStride<>(c.stride));
  if (into == Into::kOverwrite) result.setZero();
  const auto left = ToEigen(a);
  const auto right = ToEigen(b);
  if (op_a == Op::kAsIs && op_b == Op::kAsIs) {
    result.noalias() += left * right;
  } else if (op_a == Op::kAsIs) {
    result.noalias() += left * right.transpose();
  } else if (op_b == Op::kAsIs) {
    result.noalias() += left.transpose() * right;
  } else {
    result.noalias() += left.transpose() * right.transpose();
  }
}

template <typename T>
void ParallelMultiply(ThreadPool* pool, Op op_a, MatrixView<const T> a, Op op_b,
                      MatrixView<const T> b, Into into, MatrixView<T> c) {
  FixBlockSizes();
  const int64_t across = (c.columns + kTileColumns - 1) / kTileColumns;
  const int64_t down = (c.rows + kTileRows - 1) / kTileRows;
  pool->ParallelFor(across * down, [&](int64_t tile) {
    // Down first: tiles that follow each other share the columns of b, which
    // are the many.
    const int64_t row = tile % down * kTileRows;
    const int64_t column = tile / down * kTileColumns;
    const int64_t rows = std::min(kTileRows, c.rows - row);
    const int64_t columns = std::min(kTileColumns, c.columns - column);
    Multiply<T>(op_a,
                op_a == Op::kAsIs ? a.Block(row, 0, rows, a.columns)
                                  : a.Block(0, row, a.rows, rows),
                op_b,
                op_b == Op::kAsIs ? b.Block(0, column, b.rows, columns)
                                  : b.Block(column, 0, columns, b.columns),
                into, c.Block(row, column, rows, columns));
  });
}

#define ANISOGRAD_INSTANTIATE(T)                                             \
  template void Multiply<T>(Op, MatrixView<const T>, Op, MatrixView<const T>, \
                            Into, MatrixView<T>);                            \
  template void ParallelMultiply<T>(ThreadPool*, Op, MatrixView<const T>, Op, \
                                    MatrixView<const T>, Into, MatrixView<T>)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(double);
#undef ANISOGRAD_INSTANTIATE

}  // namespace anisograd
