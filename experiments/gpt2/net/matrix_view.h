#ifndef EXPERIMENTS_GPT2_NET_MATRIX_VIEW_H_
#define EXPERIMENTS_GPT2_NET_MATRIX_VIEW_H_

#include <cstdint>
#include <type_traits>

namespace anisograd {

// A matrix in somebody else's memory, row after row, `stride` elements from one
// row to the next. Read-only where T is const.
template <typename T>
struct MatrixView {
  T* data = nullptr;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t stride = 0;

  MatrixView() = default;
  MatrixView(T* data, int64_t rows, int64_t columns, int64_t stride)
      : data(data), rows(rows), columns(columns), stride(stride) {}
  MatrixView(T* data, int64_t rows, int64_t columns)
      : MatrixView(data, rows, columns, columns) {}
  // A writable view reads as well.
  template <typename U,
            typename = std::enable_if_t<std::is_same<const U, T>::value>>
  MatrixView(const MatrixView<U>& m)  // NOLINT: like T* to const T*
      : MatrixView(m.data, m.rows, m.columns, m.stride) {}

  T* row(int64_t i) const { return data + i * stride; }
  MatrixView Block(int64_t first_row, int64_t first_column, int64_t block_rows,
                   int64_t block_columns) const {
    return {row(first_row) + first_column, block_rows, block_columns, stride};
  }
};

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_MATRIX_VIEW_H_
