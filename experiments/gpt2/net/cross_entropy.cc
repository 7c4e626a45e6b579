#include "experiments/gpt2/net/cross_entropy.h"

#include <vector>

#include "experiments/gpt2/net/vector_math.h"
#include "tools/base/vector_math.h"

namespace anisograd {

template <typename T>
LossSum CrossEntropy(ThreadPool* pool, absl::Span<const int32_t> targets,
                     double scale, MatrixView<T> logits) {
  std::vector<double> losses(targets.size());
  constexpr int64_t kRows = 4;
  pool->ParallelRanges(logits.rows, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      T* const row = logits.row(i);
      const T target_logit = row[targets[i]];
      T max;
      const T sum = SoftmaxNumerators<T>(logits.columns, T{1}, row, &max);
      losses[i] = LogOrNotFinite(static_cast<double>(sum)) +
                  (static_cast<double>(max) - target_logit);
      Scale<T>(logits.columns, static_cast<T>(scale) / sum, row);
      row[targets[i]] -= static_cast<T>(scale);
    }
  });
  LossSum loss;
  for (const double x : losses) loss.sum += x;
  loss.count = logits.rows;
  return loss;
}

template LossSum CrossEntropy<float>(ThreadPool*, absl::Span<const int32_t>,
                                     double, MatrixView<float>);
template LossSum CrossEntropy<double>(ThreadPool*, absl::Span<const int32_t>,
                                      double, MatrixView<double>);

}  // namespace anisograd
