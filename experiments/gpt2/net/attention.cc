#include "experiments/gpt2/net/attention.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "experiments/gpt2/net/matrix_product.h"
#include "experiments/gpt2/net/vector_math.h"
#include "tools/base/aligned_buffer.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

// Queries at a time: enough for the products, few enough that little is
// computed above the diagonal.
constexpr int64_t kQueries = 64;

// Some queries of one sequence and one head.
struct QueryBlock {
  int64_t head;
  int64_t start;    // first row of the sequence
  int64_t begin;    // first query, as a row
  int64_t queries;  // at most kQueries
  // Keys that the last query sees, from `start`.
  int64_t keys() const { return begin - start + queries; }
  // Keys that query i of the block sees.
  int64_t KeysOf(int64_t i) const { return begin - start + i + 1; }
};

// A thread's own memory for one block's scores (three of them on the way back).
template <typename T>
MatrixView<T> Scratch(int which, const QueryBlock& block) {
  thread_local AlignedBuffer<T> buffers[3];
  AlignedBuffer<T>& buffer = buffers[which];
  const int64_t stride = AlignedBuffer<T>::Padded(block.keys());
  if (buffer.size() < kQueries * stride) {
    buffer = AlignedBuffer<T>(kQueries * stride);
  }
  return {buffer.data(), block.queries, block.keys(), stride};
}

// Columns of one head in the part of qkv (0, 1, 2) or of y (0).
template <typename T>
MatrixView<T> HeadRows(MatrixView<T> m, const AttentionShape& shape,
                       int64_t width, int part, int64_t head, int64_t row,
                       int64_t rows) {
  const int64_t d = width / shape.heads;
  return m.Block(row, part * width + head * d, rows, d);
}

uint64_t FirstElement(const AttentionShape& shape, const QueryBlock& block,
                      int64_t i) {
  const int64_t token = shape.first_token + block.begin + i;
  return static_cast<uint64_t>((token * shape.heads + block.head) *
                               shape.context);
}

// scores = q k^T for the block; the scale is left to the softmax.
template <typename T>
void Scores(const AttentionShape& shape, const QueryBlock& block,
            MatrixView<const T> qkv, MatrixView<T> scores) {
  const int64_t width = qkv.columns / 3;
  Multiply<T>(Op::kAsIs,
              HeadRows(qkv, shape, width, 0, block.head, block.begin,
                       block.queries),
              Op::kTransposed,
              HeadRows(qkv, shape, width, 1, block.head, block.start,
                       block.keys()),
              Into::kOverwrite, scores);
}

template <typename T>
T ScoreScale(const AttentionShape& shape, int64_t width) {
  return T{1} / std::sqrt(static_cast<T>(width / shape.heads));
}

template <typename T>
void ForwardBlock(const AttentionShape& shape, const Dropout& dropout,
                  const QueryBlock& block, MatrixView<const T> qkv,
                  MatrixView<T> y, MatrixView<T> log_sum) {
  const int64_t width = y.columns;
  const T scale = ScoreScale<T>(shape, width);
  const MatrixView<T> p = Scratch<T>(0, block);
  Scores<T>(shape, block, qkv, p);
  for (int64_t i = 0; i < block.queries; ++i) {
    T* const row = p.row(i);
    const int64_t keys = block.KeysOf(i);
    T max;
    const T sum = SoftmaxNumerators<T>(keys, scale, row, &max);
    log_sum.row(block.head)[block.begin + i] =
        max + static_cast<T>(LogOrNotFinite(static_cast<double>(sum)));
    Scale<T>(keys, T{1} / sum, row);
    std::fill(row + keys, row + block.keys(), T{0});
    dropout.Apply(FirstElement(shape, block, i), keys, row);
  }
  Multiply<T>(Op::kAsIs, p, Op::kAsIs,
              HeadRows(qkv, shape, width, 2, block.head, block.start,
                       block.keys()),
              Into::kOverwrite,
              HeadRows(y, shape, width, 0, block.head, block.begin,
                       block.queries));
}

// One block of queries of AttentionBackward; adds to the keys' and values'
// gradients.
template <typename T>
void BackwardBlock(const AttentionShape& shape, const Dropout& dropout,
                   const QueryBlock& block, MatrixView<const T> dy,
                   MatrixView<const T> qkv, MatrixView<const T> y,
                   MatrixView<const T> log_sum, MatrixView<T> dqkv) {
  const int64_t width = y.columns;
  const T scale = ScoreScale<T>(shape, width);
  const auto queries = [&](auto m, int part) {
    return HeadRows(m, shape, width, part, block.head, block.begin,
                    block.queries);
  };
  const auto keys = [&](auto m, int part) {
    return HeadRows(m, shape, width, part, block.head, block.start,
                    block.keys());
  };
  const MatrixView<T> p = Scratch<T>(0, block);
  const MatrixView<T> ds = Scratch<T>(1, block);
  T* const kept = Scratch<T>(2, block).row(0);
  const MatrixView<const T> dy_block = queries(dy, 0);
  const MatrixView<const T> y_block = queries(y, 0);
  Scores<T>(shape, block, qkv, p);
  Multiply<T>(Op::kAsIs, dy_block, Op::kTransposed, keys(qkv, 2),
              Into::kOverwrite, ds);
  for (int64_t i = 0; i < block.queries; ++i) {
    T* const p_row = p.row(i);
    T* const ds_row = ds.row(i);
    const int64_t n = block.KeysOf(i);
    const uint64_t first = FirstElement(shape, block, i);
    ExpOfScaled<T>(n, scale, log_sum.row(block.head)[block.begin + i], p_row);
    std::fill(kept, kept + n, T{1});
    dropout.Apply(first, n, kept);
    const T delta = Dot<T>(y_block.columns, dy_block.row(i), y_block.row(i));
    // ds times the scale that dq and dk share.
    SoftmaxGradient<T>(n, kept, delta, scale, p_row, ds_row);
    std::fill(p_row + n, p_row + block.keys(), T{0});
    std::fill(ds_row + n, ds_row + block.keys(), T{0});
  }
  Multiply<T>(Op::kTransposed, p, Op::kAsIs, dy_block, Into::kAdd,
              keys(dqkv, 2));
  Multiply<T>(Op::kAsIs, ds, Op::kAsIs, keys(qkv, 1), Into::kOverwrite,
              queries(dqkv, 0));
  Multiply<T>(Op::kTransposed, ds, Op::kAsIs, queries(qkv, 0), Into::kAdd,
              keys(dqkv, 1));
}

// The blocks of queries of one head of sequence s, in order.
std::vector<QueryBlock> Blocks(const AttentionShape& shape, int64_t head,
                               size_t s) {
  std::vector<QueryBlock> blocks;
  const int64_t end = shape.starts[s + 1];
  for (int64_t begin = shape.starts[s]; begin < end; begin += kQueries) {
    blocks.push_back({head, shape.starts[s], begin,
                      std::min(kQueries, end - begin)});
  }
  return blocks;
}

}  // namespace

template <typename T>
void AttentionForward(ThreadPool* pool, const AttentionShape& shape,
                      const Dropout& dropout, MatrixView<const T> qkv,
                      MatrixView<T> y, MatrixView<T> log_sum) {
  const int64_t sequences = static_cast<int64_t>(shape.starts.size()) - 1;
  pool->ParallelFor(sequences * shape.heads, [&](int64_t task) {
    for (const QueryBlock& block :
         Blocks(shape, task % shape.heads,
                static_cast<size_t>(task / shape.heads))) {
      ForwardBlock<T>(shape, dropout, block, qkv, y, log_sum);
    }
  });
}

template <typename T>
void AttentionBackward(ThreadPool* pool, const AttentionShape& shape,
                       const Dropout& dropout, MatrixView<const T> dy,
                       MatrixView<const T> qkv, MatrixView<const T> y,
                       MatrixView<const T> log_sum, MatrixView<T> dqkv) {
  const int64_t sequences = static_cast<int64_t>(shape.starts.size()) - 1;
  pool->ParallelFor(sequences * shape.heads, [&](int64_t task) {
    const int64_t head = task % shape.heads;
    const size_t s = static_cast<size_t>(task / shape.heads);
    const int64_t d = y.columns / shape.heads;
    for (int64_t i = shape.starts[s]; i < shape.starts[s + 1]; ++i) {
      for (int part = 1; part < 3; ++part) {
        std::fill_n(dqkv.row(i) + part * y.columns + head * d, d, T{0});
      }
    }
    for (const QueryBlock& block : Blocks(shape, head, s)) {
      BackwardBlock<T>(shape, dropout, block, dy, qkv, y, log_sum, dqkv);
    }
  });
}

#define ANISOGRAD_INSTANTIATE(T)                                             \
  template void AttentionForward<T>(ThreadPool*, const AttentionShape&,      \
                                    const Dropout&, MatrixView<const T>,     \
                                    MatrixView<T>, MatrixView<T>);           \
  template void AttentionBackward<T>(                                        \
      ThreadPool*, const AttentionShape&, const Dropout&,                    \
      MatrixView<const T>, MatrixView<const T>, MatrixView<const T>,         \
      MatrixView<const T>, MatrixView<T>)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(double);
#undef ANISOGRAD_INSTANTIATE

}  // namespace anisograd
