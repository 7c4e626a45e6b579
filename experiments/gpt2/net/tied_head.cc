#include "experiments/gpt2/net/tied_head.h"

#include <algorithm>
#include <vector>

#include "experiments/gpt2/net/matrix_product.h"
#include "experiments/gpt2/net/token_batch.h"
#include "tools/base/aligned_buffer.h"

namespace anisograd {
namespace {

// Walks over the rows with a target, kTiedHeadRows at a time, and computes
// their loss and dL/dlogits. `use(rows, h, dlogits)` gets the rows' numbers,
// their h and dL/dlogits.
template <typename T, typename Use>
LossSum ForChunks(ThreadPool* pool, absl::Span<const int32_t> targets,
                  double scale, MatrixView<const T> h, MatrixView<const T> wte,
                  Use use) {
  std::vector<int64_t> counted;
  for (int64_t i = 0; i < h.rows; ++i) {
    if (targets[i] != kNoTarget) counted.push_back(i);
  }
  const int64_t most =
      std::min(kTiedHeadRows, static_cast<int64_t>(counted.size()));
  const int64_t stride = AlignedBuffer<T>::Padded(wte.rows);
  AlignedBuffer<T> logits_buffer(most * stride);
  AlignedBuffer<T> h_buffer(most * h.columns);
  LossSum loss;
  for (size_t first = 0; first < counted.size(); first += kTiedHeadRows) {
    const absl::Span<const int64_t> rows =
        absl::MakeConstSpan(counted).subspan(first, kTiedHeadRows);
    const int64_t n = static_cast<int64_t>(rows.size());
    const MatrixView<T> h_rows(h_buffer.data(), n, h.columns);
    std::vector<int32_t> row_targets(rows.size());
    for (int64_t i = 0; i < n; ++i) {
      std::copy_n(h.row(rows[i]), h.columns, h_rows.row(i));
      row_targets[i] = targets[rows[i]];
    }
    const MatrixView<T> logits(logits_buffer.data(), n, wte.rows, stride);
    ParallelMultiply<T>(pool, Op::kAsIs, h_rows, Op::kTransposed, wte,
                        Into::kOverwrite, logits);
    loss += CrossEntropy<T>(pool, row_targets, scale, logits);
    use(rows, h_rows, logits);
  }
  return loss;
}

}  // namespace

template <typename T>
LossSum TiedHeadLoss(ThreadPool* pool, absl::Span<const int32_t> targets,
                     MatrixView<const T> h, MatrixView<const T> wte) {
  return ForChunks<T>(pool, targets, 1.0, h, wte,
                      [](absl::Span<const int64_t>, MatrixView<T>,
                         MatrixView<T>) {});
}

template <typename T>
LossSum TiedHeadLossAndGradient(ThreadPool* pool,
                                absl::Span<const int32_t> targets,
                                double scale, MatrixView<const T> h,
                                MatrixView<const T> wte, MatrixView<T> dh,
                                MatrixView<T> dwte) {
  for (int64_t i = 0; i < dh.rows; ++i) {
    std::fill_n(dh.row(i), dh.columns, T{0});
  }
  return ForChunks<T>(
      pool, targets, scale, h, wte,
      [&](absl::Span<const int64_t> rows, MatrixView<T> h_rows,
          MatrixView<T> dlogits) {
        ParallelMultiply<T>(pool, Op::kTransposed, dlogits, Op::kAsIs, h_rows,
                            Into::kAdd, dwte);
        // h is used; its place takes dh.
        ParallelMultiply<T>(pool, Op::kAsIs, dlogits, Op::kAsIs, wte,
                            Into::kOverwrite, h_rows);
        for (size_t i = 0; i < rows.size(); ++i) {
          std::copy_n(h_rows.row(static_cast<int64_t>(i)), dh.columns,
                      dh.row(rows[i]));
        }
      });
}

#define ANISOGRAD_INSTANTIATE(T)                                         \
  template LossSum TiedHeadLoss<T>(ThreadPool*, absl::Span<const int32_t>, \
                                   MatrixView<const T>,                  \
                                   MatrixView<const T>);                 \
  template LossSum TiedHeadLossAndGradient<T>(                           \
      ThreadPool*, absl::Span<const int32_t>, double,                    \
      MatrixView<const T>, MatrixView<const T>, MatrixView<T>,           \
      MatrixView<T>)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(double);
#undef ANISOGRAD_INSTANTIATE

}  // namespace anisograd
