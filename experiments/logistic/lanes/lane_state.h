#ifndef EXPERIMENTS_LOGISTIC_LANES_LANE_STATE_H_
#define EXPERIMENTS_LOGISTIC_LANES_LANE_STATE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/types/span.h"
#include "experiments/logistic/lanes/path_distances.h"
#include "experiments/logistic/problem/loss_sum.h"
#include "experiments/logistic/problem/problem.h"
#include "optim/averaging.h"
#include "tools/base/lanes.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// Aligned to a cache line, zero at first.
class LaneBuffer {
 public:
  explicit LaneBuffer(size_t size = 0)
      : storage_(size + kPadding, 0.0), size_(size) {
    void* p = storage_.data();
    size_t space = storage_.size() * sizeof(double);
    data_ = static_cast<double*>(
        std::align(64, size * sizeof(double), p, space));
  }
  LaneBuffer(const LaneBuffer&) = delete;
  LaneBuffer& operator=(const LaneBuffer&) = delete;
  double* data() { return data_; }
  const double* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  static constexpr size_t kPadding = 64 / sizeof(double);
  std::vector<double> storage_;
  size_t size_;
  double* data_;
};

// Options of one pass that all lanes share.
struct LaneTrainerOptions {
  int64_t batch_size = 1;
  // Half-width of the box of Option I, or radius of its ball; 0 for none.
  double box_radius = 0.0;
  double ball_radius = 0.0;
  // Keep (1/t) sum_{s < t} w_s.
  bool average = false;
  // Note the first step that draws a sample with -y <x, w> above this.
  double max_sample_loss = std::numeric_limits<double>::infinity();
  // Follow the distances to these at every step.
  absl::Span<const absl::Span<const double>> path_optima;
};

// Where kLanes runs stand on one problem: what is read of them, whichever rule
// steps them (LaneTrainer). Compiled once a width, not once a rule.
//
// Memory: a coordinate's block is kLanes weights, then kLanes of each state of
// the rule, so an update touches (1 + states) * kLanes doubles in a row.
template <typename V>
class LaneState {
 public:
  static constexpr int kLanes = LaneTraits<V>::kLanes;

  virtual ~LaneState() = default;
  LaneState(const LaneState&) = delete;
  LaneState& operator=(const LaneState&) = delete;

  // Brings every coordinate to the current step; call before reading weights.
  virtual void Synchronise() = 0;

  // Sum over all samples of their loss at the current weights, or at the
  // averaged ones.
  V EvaluateLossSum(bool averaged) const {
    const double* weights = blocks_.data();
    int64_t stride = block_size_;
    LaneBuffer mean(averaged ? dimension_ * kLanes : 0);
    if (averaged) {
      for (int64_t j = 0; j < dimension_; ++j) {
        LaneTraits<V>::Store(Weights(j, true), mean.data() + j * kLanes);
      }
      weights = mean.data();
      stride = kLanes;
    }
    return binary_ ? LossSumAt<true>(weights, stride)
                   : LossSumAt<false>(weights, stride);
  }

  // Lanes of coordinate j: w_t, or the mean of w_0 .. w_{t-1} (w_0 at t = 0).
  V Weights(int64_t j, bool averaged) const {
    const V w = LaneTraits<V>::Load(blocks_.data() + j * block_size_);
    if (!averaged || step_ == 0) return w;
    return AverageSum(j, w, step_) / V(static_cast<double>(step_));
  }

  // Distances at every step; nothing where weights lag, whose coordinates are at
  // different steps, nor with a ball, which moves all of them.
  PathDistances<V>& path() { return path_; }

  int64_t steps() const { return step_; }
  int64_t dimension() const { return dimension_; }
  // The first step that drew a sample with a loss above the limit, or -1.
  int64_t explosion_step(int lane) const { return explosion_step_[lane]; }

 protected:
  // `states` numbers beside each weight.
  LaneState(const LogisticProblem& problem, const LaneTrainerOptions& options,
            int states)
      : view_(problem.view()),
        binary_(HasBinaryValues(view_)),
        dimension_(problem.dimension()),
        block_size_((1 + states) * kLanes),
        options_(options),
        blocks_(dimension_ * block_size_),
        path_(options.path_optima) {
    LaneTraits<V>::Store(V(options.max_sample_loss), sample_loss_limit_);
    std::fill(std::begin(explosion_step_), std::end(explosion_step_), -1);
    if (options.average) {
      average_sum_ = std::make_unique<LaneBuffer>(dimension_ * kLanes);
      averaged_until_.assign(dimension_, 0);
    }
  }

  // y_i <x_i, w>. Two partial sums, even and odd positions, halve the chain of
  // dependent additions. kBinary: all values are 1, so they are neither loaded
  // nor multiplied by; the bits are the same.
  template <bool kBinary>
  ABSL_ATTRIBUTE_ALWAYS_INLINE V Margin(int64_t row, const double* weights,
                                        int64_t stride) const {
    const uint32_t begin = view_.row_start[row];
    const uint32_t end = view_.row_start[row + 1];
    const uint32_t* index = view_.index.data();
    const double* value = view_.value.data();
    V even(0.0), odd(0.0);
    const auto accumulate = [&](uint32_t k, V* sum) {
      const V w = LaneTraits<V>::Load(weights + index[k] * stride);
      *sum = kBinary ? *sum + w : MulAdd(V(value[k]), w, *sum);
    };
    uint32_t k = begin;
    for (; k + 1 < end; k += 2) {
      accumulate(k, &even);
      accumulate(k + 1, &odd);
    }
    if (k < end) accumulate(k, &even);
    const V dot = even + odd;
    return view_.label[row] > 0 ? dot : -dot;
  }

  // Lanes that have exploded are not looked at again.
  ABSL_ATTRIBUTE_NOINLINE void NoteExplosion(V z) {
    alignas(32) double margins[kLanes];
    LaneTraits<V>::Store(z, margins);
    for (int i = 0; i < kLanes; ++i) {
      if (-margins[i] > sample_loss_limit_[i]) {
        explosion_step_[i] = step_;
        sample_loss_limit_[i] = std::numeric_limits<double>::infinity();
      }
    }
  }

  // sum_{s < until} of coordinate j, which has been `w` since the step up to
  // which its sum is kept: a coordinate that rests costs nothing.
  V AverageSum(int64_t j, V w, int64_t until) const {
    return ExtendIterateSum(
        LaneTraits<V>::Load(average_sum_->data() + j * kLanes), w,
        averaged_until_[j], until);
  }

  CsrView view_;
  const bool binary_;
  const int64_t dimension_;
  // Doubles.
  const int64_t block_size_;
  const LaneTrainerOptions options_;
  int64_t step_ = 0;
  alignas(32) double sample_loss_limit_[kLanes];
  int64_t explosion_step_[kLanes];
  LaneBuffer blocks_;
  // sum_{s < averaged_until_[j]} w_s, only with options_.average.
  std::unique_ptr<LaneBuffer> average_sum_;
  std::vector<uint32_t> averaged_until_;
  // Empty with options_.ball_radius, which moves everything at every step.
  PathDistances<V> path_;

 private:
  template <bool kBinary>
  V LossSumAt(const double* weights, int64_t stride) const {
    LossSum<V> loss;
    for (int64_t i = 0; i < view_.rows; ++i) {
      loss.Add(Margin<kBinary>(i, weights, stride));
    }
    return loss.Total();
  }
};

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_LANE_STATE_H_
