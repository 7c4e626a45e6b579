#include "experiments/gpt2/net/matrix_product.h"

#include <algorithm>
#include <cstdint>

#include "tools/base/aligned_buffer.h"
#include "tools/base/isa.h"

// This file is compiled once for each instruction set: Highway includes it
// again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "experiments/gpt2/net/matrix_product.cc"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#ifndef EXPERIMENTS_GPT2_NET_MATRIX_PRODUCT_BLOCK
#define EXPERIMENTS_GPT2_NET_MATRIX_PRODUCT_BLOCK
namespace anisograd {
namespace {
// Rows of op(a) that are packed at a time, and the most k: they fill half of a
// common second-level cache (512 KB).
constexpr int64_t kBlockRows = 256;
constexpr int64_t kMaxInner = 256;
// From so many columns of c on. Packing costs as much as computing four of
// them, and spares the first-level cache rows of a that fall upon each other in
// it.
constexpr int64_t kPackColumns = 192;
}  // namespace
}  // namespace anisograd
#endif

// Nothing between the next line and HWY_AFTER_NAMESPACE may be a template of
// the standard library or of others: its code could be the one that is linked
// where the processor lacks the instructions.
HWY_BEFORE_NAMESPACE();
namespace anisograd {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The kernel keeps kRows x 2 vectors of c in registers, of which there are 16
// (AVX2) or 32; a panel of op(b), kInner x 2 vectors, stays in the first-level
// cache.
#if HWY_TARGET == HWY_AVX2
constexpr int kRows = 6;
constexpr int64_t kInner = 256;
#else
constexpr int kRows = 12;
constexpr int64_t kInner = 256;
#endif
static_assert(kInner <= kMaxInner, "the caller's buffer holds a block");

template <typename T>
constexpr int64_t kLanes = HWY_MAX_BYTES / sizeof(T);

HWY_INLINE int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }

// c (rows x vectors) <- chain over `inner` elements. `a` is op(a)'s first row,
// a_stride from one row (or, transposed, from one k) to the next.
template <typename T, int rows, int vectors, bool a_transposed>
HWY_INLINE void Kernel(int64_t inner, const T* HWY_RESTRICT a, int64_t a_stride,
                       const T* HWY_RESTRICT panel, bool add, T* HWY_RESTRICT c,
                       int64_t c_stride) {
  const hn::ScalableTag<T> d;
  hn::Vec<decltype(d)> sum[rows][vectors];
#pragma GCC unroll 12
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) {
      sum[i][v] =
          add ? hn::LoadU(d, c + i * c_stride + v * kLanes<T>) : hn::Zero(d);
    }
  }
  // Three rows share a pointer: x86 adds once or twice the stride by itself.
  const T* HWY_RESTRICT p[(rows + 2) / 3];
#pragma GCC unroll 4
  for (int i = 0; i < (rows + 2) / 3; ++i) {
    p[i] = a + (a_transposed ? 0 : 3 * i * a_stride);
  }
  // Between them the rows of c that the next call takes are asked for, one at a
  // time: all at once they would fill the processor's queue of misses, and the
  // loads of a behind them wait. Where calls are short, it does not pay.
  const int64_t share = inner > 64 ? inner / rows : inner;
  const T* next_c = c + rows * c_stride;
  for (int64_t k = 0; k < inner; next_c += c_stride) {
    const int64_t end = Least(inner, k + share);
    if (inner > 64) {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) {
        hwy::Prefetch(next_c + v * kLanes<T>);
      }
    }
#pragma GCC unroll 2
    for (; k < end; ++k) {
      hn::Vec<decltype(d)> b[vectors];
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) {
        b[v] = hn::Load(d, panel + v * kLanes<T>);
      }
      panel += vectors * kLanes<T>;
#pragma GCC unroll 12
      for (int i = 0; i < rows; ++i) {
        const auto x =
            hn::Set(d, a_transposed ? p[0][i] : p[i / 3][(i % 3) * a_stride]);
#pragma GCC unroll 2
        for (int v = 0; v < vectors; ++v) {
          sum[i][v] = hn::MulAdd(x, b[v], sum[i][v]);
        }
      }
#pragma GCC unroll 4
      for (int i = 0; i < (rows + 2) / 3; ++i) {
        p[i] += a_transposed ? a_stride : 1;
      }
    }
  }
#pragma GCC unroll 12
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; ++v) {
      hn::StoreU(sum[i][v], d, c + i * c_stride + v * kLanes<T>);
    }
  }
}

// The same where c may have fewer columns than the panel: then on a copy of
// full width.
template <typename T, int rows, int vectors, bool a_transposed>
HWY_INLINE void Rows(int64_t inner, const T* a, int64_t a_stride,
                     const T* panel, bool add, T* c, int64_t c_stride,
                     int64_t columns) {
  constexpr int64_t kWidth = vectors * kLanes<T>;
  HWY_ALIGN T edge[rows * kWidth];
  const bool whole = columns == kWidth;
  if (!whole && add) {
    for (int i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < kWidth; ++j) {
        edge[i * kWidth + j] = j < columns ? c[i * c_stride + j] : T{0};
      }
    }
  }
  Kernel<T, rows, vectors, a_transposed>(inner, a, a_stride, panel, add,
                                         whole ? c : edge,
                                         whole ? c_stride : kWidth);
  if (!whole) {
    for (int i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        c[i * c_stride + j] = edge[i * kWidth + j];
      }
    }
  }
}

// How many of the rows that are left the next kernel takes.
HWY_INLINE int64_t NextRows(int64_t left) {
  // 8 are better off as 4 and 4 than as 6 and 2.
  if (left == 8) return 4;
  if (left == 14 && kRows > 6) return 6;
  return left >= kRows ? kRows
         : left >= 6   ? 6
         : left >= 4   ? 4
         : left >= 2   ? 2
                       : 1;
}

// The part of b that the next panel is made of, `rows` of `width` elements each,
// which is asked for little by little while the panel before it is used.
template <typename T>
struct NextPanel {
  const T* row;
  int64_t stride, rows, width;

  HWY_INLINE void Prefetch(int64_t how_many) {
    for (; how_many > 0 && rows > 0; --how_many, --rows, row += stride) {
      for (int64_t l = 0; l < width; l += 64 / sizeof(T)) {
        hwy::Prefetch(row + l);
      }
    }
  }
};

// All rows of c for one panel. `packed` says that op(a) is as PackRows makes
// it.
template <typename T, int vectors, bool a_transposed>
void Panel(bool packed, int64_t inner, int64_t rows, const T* a,
           int64_t a_stride, const T* panel, bool add, T* c, int64_t c_stride,
           int64_t columns, NextPanel<T> next) {
  const int64_t share = (next.rows * kRows + rows - 1) / rows;
  for (int64_t i = 0; i < rows;) {
    const int64_t n = NextRows(rows - i);
    next.Prefetch(share);
    const T* const from = a + i * (packed         ? inner
                                   : a_transposed ? 1
                                                  : a_stride);
    const int64_t stride = packed ? n : a_stride;
    T* const to = c + i * c_stride;
#define ANISOGRAD_ROWS(N)                                                  \
  case N:                                                                  \
    Rows<T, N, vectors, a_transposed>(inner, from, stride, panel, add, to, \
                                      c_stride, columns);                  \
    break
    switch (n) {
#if HWY_TARGET != HWY_AVX2
      ANISOGRAD_ROWS(12);
#endif
      ANISOGRAD_ROWS(6);
      ANISOGRAD_ROWS(4);
      ANISOGRAD_ROWS(2);
      ANISOGRAD_ROWS(1);
    }
#undef ANISOGRAD_ROWS
    i += n;
  }
}

// 16 bytes of every `kSquare`th row: as many rows as fill a vector.
template <typename T>
constexpr int64_t kSquare = 16 / sizeof(T);
template <typename D, typename T>
HWY_INLINE hn::Vec<D> LoadEverySquareth(D d, const T* m, int64_t stride) {
  constexpr size_t kBlocks = hn::MaxLanes(d) / kSquare<T>;
  if constexpr (kBlocks == 1) {
    return hn::LoadU(d, m);
  } else {
    const hn::Half<D> half;
    constexpr int64_t kBelow = kBlocks / 2 * kSquare<T>;
    return hn::Combine(d, LoadEverySquareth(half, m + kBelow * stride, stride),
                       LoadEverySquareth(half, m, stride));
  }
}

// to[c * to_stride + i] = from[i * from_stride + c], for c below kSquare and as
// many i as D has lanes: a transpose within each 16 bytes.
template <typename D>
HWY_INLINE void Transpose(D d, const float* from, int64_t from_stride,
                          float* to, int64_t to_stride) {
  const hn::Repartition<uint64_t, D> pairs;
  const auto r0 = LoadEverySquareth(d, from, from_stride);
  const auto r1 = LoadEverySquareth(d, from + from_stride, from_stride);
  const auto r2 = LoadEverySquareth(d, from + 2 * from_stride, from_stride);
  const auto r3 = LoadEverySquareth(d, from + 3 * from_stride, from_stride);
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, r0, r1));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, r2, r3));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, r0, r1));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, r2, r3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, to);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d,
             to + to_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d,
             to + 2 * to_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d,
             to + 3 * to_stride);
}
template <typename D>
HWY_INLINE void Transpose(D d, const double* from, int64_t from_stride,
                          double* to, int64_t to_stride) {
  const auto r0 = LoadEverySquareth(d, from, from_stride);
  const auto r1 = LoadEverySquareth(d, from + from_stride, from_stride);
  hn::StoreU(hn::InterleaveLower(d, r0, r1), d, to);
  hn::StoreU(hn::InterleaveUpper(d, r0, r1), d, to + to_stride);
}

// The same for two rows of four floats; of doubles two fill a square.
HWY_INLINE void TransposePair(const float* from, int64_t from_stride, float* to,
                              int64_t to_stride) {
  const hn::FixedTag<float, 4> d;
  const hn::FixedTag<float, 2> pair;
  const auto r0 = hn::LoadU(d, from);
  const auto r1 = hn::LoadU(d, from + from_stride);
  const auto low = hn::InterleaveLower(d, r0, r1);
  const auto high = hn::InterleaveUpper(d, r0, r1);
  hn::StoreU(hn::LowerHalf(pair, low), pair, to);
  hn::StoreU(hn::UpperHalf(pair, low), pair, to + to_stride);
  hn::StoreU(hn::LowerHalf(pair, high), pair, to + 2 * to_stride);
  hn::StoreU(hn::UpperHalf(pair, high), pair, to + 3 * to_stride);
}
HWY_INLINE void TransposePair(const double*, int64_t, double*, int64_t) {}

// A panel of a matrix m whose rows are k, `width` columns of which the first
// `columns` are there and the others zero: packed[k * width + j] = m_kj.
template <typename T>
HWY_INLINE void PackAsIs(const T* m, int64_t stride, int64_t inner,
                         int64_t columns, int64_t width, T* packed) {
  const hn::ScalableTag<T> d;
  constexpr int64_t kQuarter = 16 / sizeof(T), kEighth = 8 / sizeof(T);
  const hn::FixedTag<T, kQuarter> quarter;
  const hn::FixedTag<T, kEighth> eighth;
  if (columns == 2 * kLanes<T>) {
    for (int64_t k = 0; k < inner; ++k, m += stride, packed += width) {
      const auto low = hn::LoadU(d, m);
      const auto high = hn::LoadU(d, m + kLanes<T>);
      hn::StoreU(low, d, packed);
      hn::StoreU(high, d, packed + kLanes<T>);
    }
    return;
  }
  for (int64_t k = 0; k < inner; ++k) {
    const T* const row = m + k * stride;
    T* const to = packed + k * width;
    int64_t j = 0;
    for (; j + kLanes<T> <= columns; j += kLanes<T>) {
      hn::StoreU(hn::LoadU(d, row + j), d, to + j);
    }
    for (; j + kQuarter <= columns; j += kQuarter) {
      hn::StoreU(hn::LoadU(quarter, row + j), quarter, to + j);
    }
    for (; j + kEighth <= columns; j += kEighth) {
      hn::StoreU(hn::LoadU(eighth, row + j), eighth, to + j);
    }
    for (; j < columns; ++j) to[j] = row[j];
    for (; j < width; ++j) to[j] = 0;
  }
}
// The same where k are the columns of m.
template <typename T>
HWY_INLINE void PackTransposed(const T* m, int64_t stride, int64_t inner,
                               int64_t columns, int64_t width, T* packed) {
  const hn::ScalableTag<T> d;
  const hn::Half<decltype(d)> half;
  const hn::FixedTag<T, kSquare<T>> square;
  for (int64_t j = 0; j < width;) {
    const int64_t left = columns - j;
    const int64_t n = left >= kLanes<T>       ? kLanes<T>
                      : left >= kLanes<T> / 2 ? kLanes<T> / 2
                      : left >= kSquare<T>    ? kSquare<T>
                                              : Least(kSquare<T>, width - j);
    const T* const from = m + j * stride;
    T* const to = packed + j;
    int64_t k = 0;
    if (left >= n) {
      for (; k + kSquare<T> <= inner; k += kSquare<T>) {
        if (n == kLanes<T>) {
          Transpose(d, from + k, stride, to + k * width, width);
        } else if (n == kLanes<T> / 2) {
          Transpose(half, from + k, stride, to + k * width, width);
        } else if (n == kSquare<T>) {
          Transpose(square, from + k, stride, to + k * width, width);
        } else if (n == 2) {
          TransposePair(from + k, stride, to + k * width, width);
        } else {
          break;
        }
      }
    }
    for (; k < inner; ++k) {
      for (int64_t i = 0; i < n; ++i) {
        to[k * width + i] = i < left ? from[i * stride + k] : T{0};
      }
    }
    j += n;
  }
}

// op(a), rows x inner, for the kernels that NextRows picks: one after the
// other, each as `inner` rows of as many numbers as it takes rows.
template <typename T>
void PackRows(Op op_a, const T* a, int64_t stride, int64_t rows, int64_t inner,
              T* packed) {
  for (int64_t i = 0; i < rows;) {
    const int64_t n = NextRows(rows - i);
    if (op_a == Op::kAsIs) {
      PackTransposed(a + i * stride, stride, inner, n, n, packed + i * inner);
    } else {
      PackAsIs(a + i, stride, inner, n, n, packed + i * inner);
    }
    i += n;
  }
}

// At most kBlockRows rows of c. `packed_rows` has room for kBlockRows x
// kMaxInner.
template <typename T>
void MultiplyRows(Op op_a, MatrixView<const T> a, Op op_b,
                  MatrixView<const T> b, Into into, MatrixView<T> c,
                  T* packed_rows) {
  HWY_ALIGN T panel[kInner * 2 * kLanes<T>];
  const bool packed = c.columns >= kPackColumns;
  const int64_t all = op_a == Op::kTransposed ? a.rows : a.columns;
  for (int64_t k = 0; k < all; k += kInner) {
    const int64_t inner = Least(kInner, all - k);
    const bool add = k > 0 || into == Into::kAdd;
    const T* from = a.data + k * (op_a == Op::kTransposed ? a.stride : 1);
    if (packed) {
      PackRows(op_a, from, a.stride, c.rows, inner, packed_rows);
      from = packed_rows;
    }
    for (int64_t j = 0; j < c.columns; j += 2 * kLanes<T>) {
      const int64_t columns = Least(2 * kLanes<T>, c.columns - j);
      const int64_t width = columns <= kLanes<T> ? kLanes<T> : 2 * kLanes<T>;
      const T* const from_b =
          b.data + (op_b == Op::kAsIs ? k * b.stride + j : j * b.stride + k);
      const int64_t left =
          packed ? Least(2 * kLanes<T>, c.columns - j - columns) : 0;
      NextPanel<T> next;
      next.stride = b.stride;
      if (op_b == Op::kAsIs) {
        PackAsIs(from_b, b.stride, inner, columns, width, panel);
        next.row = from_b + columns;
        next.rows = left > 0 ? inner : 0;
        next.width = left;
      } else {
        PackTransposed(from_b, b.stride, inner, columns, width, panel);
        next.row = from_b + columns * b.stride;
        next.rows = left;
        next.width = inner;
      }
      const bool transposed = packed || op_a == Op::kTransposed;
      (width == kLanes<T> ? transposed ? Panel<T, 1, true> : Panel<T, 1, false>
       : transposed ? Panel<T, 2, true>
                    : Panel<T, 2, false>)(packed, inner, c.rows, from, a.stride,
                                          panel, add, c.data + j, c.stride,
                                          columns, next);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace anisograd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace anisograd {
namespace {

// Columns of c that a thread takes at a time, with kBlockRows of its rows: as
// many as leave each thread four tiles, since a's rows are packed anew for each,
// but no more than stay in a second-level cache (1 MB) from one block of k to
// the next.
int64_t TileColumns(int64_t columns, int64_t down, int threads) {
  constexpr int64_t kLeast = 384, kMost = 1024;
  const int64_t across = std::max<int64_t>(1, 4 * threads / down);
  const int64_t each = (columns + across - 1) / across;
  return std::clamp((each + 63) / 64 * 64, kLeast, kMost);
}

}  // namespace

template <typename T>
void Multiply(Op op_a, MatrixView<const T> a, Op op_b, MatrixView<const T> b,
              Into into, MatrixView<T> c) {
  thread_local AlignedBuffer<T> packed_rows;
  if (packed_rows.size() == 0) {
    packed_rows = AlignedBuffer<T>(kBlockRows * kMaxInner);
  }
  const auto multiply = ANISOGRAD_FOR_ISA(MultiplyRows<T>);
  const int64_t inner = op_a == Op::kAsIs ? a.columns : a.rows;
  for (int64_t i = 0; i < c.rows; i += kBlockRows) {
    const int64_t rows = std::min(kBlockRows, c.rows - i);
    const MatrixView<T> part = c.Block(i, 0, rows, c.columns);
    if (inner == 0 && into == Into::kOverwrite) {
      for (int64_t r = 0; r < rows; ++r) {
        std::fill_n(part.row(r), part.columns, T{0});
      }
    }
    multiply(op_a,
             op_a == Op::kAsIs ? a.Block(i, 0, rows, a.columns)
                               : a.Block(0, i, a.rows, rows),
             op_b, b, into, part, packed_rows.data());
  }
}

template <typename T>
void ParallelMultiply(ThreadPool* pool, Op op_a, MatrixView<const T> a, Op op_b,
                      MatrixView<const T> b, Into into, MatrixView<T> c) {
  const int64_t down = (c.rows + kBlockRows - 1) / kBlockRows;
  const int64_t tile_columns = TileColumns(c.columns, down, pool->threads());
  const int64_t across = (c.columns + tile_columns - 1) / tile_columns;
  pool->ParallelFor(across * down, [&](int64_t tile) {
    // Down first: tiles that follow each other share the columns of b, which
    // are the many.
    const int64_t row = tile % down * kBlockRows;
    const int64_t column = tile / down * tile_columns;
    const int64_t rows = std::min(kBlockRows, c.rows - row);
    const int64_t columns = std::min(tile_columns, c.columns - column);
    Multiply<T>(op_a,
                op_a == Op::kAsIs ? a.Block(row, 0, rows, a.columns)
                                  : a.Block(0, row, a.rows, rows),
                op_b,
                op_b == Op::kAsIs ? b.Block(0, column, b.rows, columns)
                                  : b.Block(column, 0, columns, b.columns),
                into, c.Block(row, column, rows, columns));
  });
}

#define ANISOGRAD_INSTANTIATE(T)                                              \
  template void Multiply<T>(Op, MatrixView<const T>, Op, MatrixView<const T>, \
                            Into, MatrixView<T>);                             \
  template void ParallelMultiply<T>(ThreadPool*, Op, MatrixView<const T>, Op, \
                                    MatrixView<const T>, Into, MatrixView<T>)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(double);
#undef ANISOGRAD_INSTANTIATE

}  // namespace anisograd
#endif  // HWY_ONCE
