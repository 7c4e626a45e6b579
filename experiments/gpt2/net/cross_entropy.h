#ifndef EXPERIMENTS_GPT2_NET_CROSS_ENTROPY_H_
#define EXPERIMENTS_GPT2_NET_CROSS_ENTROPY_H_

#include <cstdint>

#include "absl/types/span.h"
#include "experiments/gpt2/net/matrix_view.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// The loss over some tokens, as a sum and a count, so that batches add up and
// whoever accumulates them chooses the weights: mean() over all counted tokens
// of a step is not the mean of the micro-batches' means.
struct LossSum {
  // Of -log p(target), natural logarithm, over counted tokens.
  double sum = 0.0;
  int64_t count = 0;

  LossSum& operator+=(const LossSum& other) {
    sum += other.sum;
    count += other.count;
    return *this;
  }
  double mean() const { return sum / static_cast<double>(count); }
};

// Cross entropy of softmax, row by row of logits [rows, V], every row counted:
//   loss_i = log sum_v exp(l_iv) - l_i,target(i).
// Turns the logits into the gradient of scale * sum_i loss_i with respect to
// them, scale (softmax(l_i)_v - [v = target(i)]). The sum is taken in double,
// rows in their order.
template <typename T>
LossSum CrossEntropy(ThreadPool* pool, absl::Span<const int32_t> targets,
                     double scale, MatrixView<T> logits);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CROSS_ENTROPY_H_
