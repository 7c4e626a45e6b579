#ifndef EXPERIMENTS_LOGISTIC_LANES_LANE_TRAINER_H_
#define EXPERIMENTS_LOGISTIC_LANES_LANE_TRAINER_H_

#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/types/span.h"
#include "experiments/logistic/lanes/grid_run.h"
#include "experiments/logistic/lanes/lane_projection.h"
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

// kLanes runs of one update rule, a LaneRule (lane_rules.h) over V, on the same
// samples in the same order.
//
// Memory: a coordinate's block is kLanes weights, then kLanes of each state of
// the rule, so an update touches (1 + Rule::kStates) * 64 consecutive bytes.
// Cost of one sample with k non-zeros: 2k loads and k stores of a block, one
// exponential and one division; nothing of size dimension() unless a batch
// touches most of it.
//
// kBinary: all values are 1, so they are neither loaded nor multiplied by; the
// bits are the same.
template <typename Rule, typename V, bool kBinary>
class LaneTrainer {
 public:
  static constexpr int kLanes = LaneTraits<V>::kLanes;
  static constexpr int kBlock = (1 + Rule::kStates) * kLanes;

  LaneTrainer(const LogisticProblem& problem, const OptimizerSpec& optimizer,
              const LaneTrainerOptions& options,
              absl::Span<const double> initial_weights)
      : view_(problem.view()),
        dimension_(problem.dimension()),
        options_(options),
        rule_(optimizer),
        blocks_(dimension_ * kBlock),
        gradient_(dimension_ * kLanes),
        touched_at_(dimension_, 0),
        path_(options.path_optima) {
    touched_.resize(dimension_ + 1);
    LaneTraits<V>::Store(V(options.max_sample_loss), sample_loss_limit_);
    std::fill(std::begin(explosion_step_), std::end(explosion_step_), -1);
    // The ball's projection moves all coordinates, in the metric of the step.
    update_all_ = Rule::kMovesAll || options.ball_radius > 0.0 ||
                  TouchesMostCoordinates(problem, options.batch_size);
    if (options.ball_radius > 0.0) {
      ball_ = std::make_unique<LaneBallProjection<typename Rule::Rule, V>>(
          options.ball_radius, dimension_);
    }
    if (options.average) {
      average_sum_ = std::make_unique<LaneBuffer>(dimension_ * kLanes);
      averaged_until_.assign(dimension_, 0);
    }
    if (Rule::kWeightsLag || Rule::kStatesLag) {
      updated_until_.assign(dimension_, 0);
    }
    for (int64_t j = 0; j < dimension_; ++j) {
      double* block = Block(j);
      std::fill(block, block + kLanes, initial_weights[j]);
      for (int s = 0; s < Rule::kStates; ++s) {
        std::fill_n(block + (1 + s) * kLanes, kLanes,
                    rule_.rule().InitialState(s));
      }
    }
  }

  // Steps through `order` (sample numbers) in batches; the last one is smaller
  // where the batch size does not divide. `rate(step)` gives the lanes' learning
  // rates at a step counted from 0 over all epochs. `at_stop()` is called after
  // `next_stop` steps over all epochs and returns the next such number. Returns
  // the sum over samples of their loss at the weights they were drawn for.
  template <typename RateFunction, typename Callback>
  V RunEpoch(absl::Span<const uint32_t> order, RateFunction rate,
             int64_t next_stop, Callback at_stop) {
    LossSum<V> loss;
    const int64_t n = static_cast<int64_t>(order.size());
    for (int64_t first = 0; first < n; first += options_.batch_size) {
      const int64_t count = std::min(options_.batch_size, n - first);
      V learning_rate = rate(step_);
      if constexpr (!Rule::kNeedsNorm && !Rule::kMovesAll &&
                    !Rule::kWeightsLag) {
        if (options_.batch_size == 1 && !options_.average &&
            options_.box_radius == 0.0 && options_.ball_radius == 0.0 &&
            !(Rule::kStatesLag && update_all_)) {
          StepOnOneSample(order, first, learning_rate, &loss);
          path_.EndStep();
          if (++step_ == next_stop) next_stop = at_stop();
          continue;
        }
      }
      StepOnBatch(order, first, count, learning_rate, &loss);
      path_.EndStep();
      if (++step_ == next_stop) next_stop = at_stop();
    }
    return loss.Total();
  }

  // Brings every coordinate to the current step; call before reading weights.
  void Synchronise() {
    if constexpr (Rule::kWeightsLag) {
      for (int64_t j = 0; j < dimension_; ++j) CatchUp(j);
    }
  }

  // Sum over all samples of their loss at the current weights, or at the
  // averaged ones.
  V EvaluateLossSum(bool averaged) const {
    const double* weights = blocks_.data();
    int64_t stride = kBlock;
    LaneBuffer mean(averaged ? dimension_ * kLanes : 0);
    if (averaged) {
      for (int64_t j = 0; j < dimension_; ++j) {
        LaneTraits<V>::Store(Weights(j, true), mean.data() + j * kLanes);
      }
      weights = mean.data();
      stride = kLanes;
    }
    LossSum<V> loss;
    for (int64_t i = 0; i < view_.rows; ++i) {
      loss.Add(Margin(i, weights, stride));
    }
    return loss.Total();
  }

  // Lanes of coordinate j: w_t, or the mean of w_0 .. w_{t-1} (w_0 at t = 0).
  V Weights(int64_t j, bool averaged) const {
    const V w = LaneTraits<V>::Load(Block(j));
    if (!averaged || step_ == 0) return w;
    return AverageSum(j, w, step_) / V(static_cast<double>(step_));
  }

  // Distances at every step; nothing where Rule::kWeightsLag, whose coordinates
  // are at different steps, nor with a ball, which moves all of them.
  PathDistances<V>& path() { return path_; }

  int64_t steps() const { return step_; }
  int64_t dimension() const { return dimension_; }
  // The first step that drew a sample with a loss above the limit, or -1.
  int64_t explosion_step(int lane) const { return explosion_step_[lane]; }

 private:
  double* Block(int64_t j) { return blocks_.data() + j * kBlock; }
  const double* Block(int64_t j) const { return blocks_.data() + j * kBlock; }

  // y_i <x_i, w>. Two partial sums, even and odd positions, halve the chain of
  // dependent additions.
  ABSL_ATTRIBUTE_ALWAYS_INLINE V Margin(int64_t row, const double* weights, int64_t stride) const {
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

  // -y_i sigma(-y_i <x_i, w>) times `scale`: the factor of x_i in the gradient.
  ABSL_ATTRIBUTE_ALWAYS_INLINE V GradientFactor(int64_t row, double scale,
                                                LossSum<V>* loss) {
    const V z = Margin(row, blocks_.data(), kBlock);
    if (AnyGreater(-z, LaneTraits<V>::Load(sample_loss_limit_))) {
      NoteExplosion(z);
    }
    const V residual = LogisticResidual(z, loss->Add(z));
    return residual * V(view_.label[row] > 0 ? -scale : scale);
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

  // Rows come in random order: ask for the ones ahead.
  void Prefetch(absl::Span<const uint32_t> order, int64_t position) const {
    constexpr int64_t kAhead = 6;
    if (position + kAhead >= static_cast<int64_t>(order.size())) return;
    const uint32_t start = view_.row_start[order[position + kAhead]];
    const char* index =
        reinterpret_cast<const char*>(view_.index.data() + start);
    _mm_prefetch(index, _MM_HINT_T0);
    _mm_prefetch(index + 64, _MM_HINT_T0);
    if (!kBinary) {
      const char* value =
          reinterpret_cast<const char*>(view_.value.data() + start);
      _mm_prefetch(value, _MM_HINT_T0);
      _mm_prefetch(value + 64, _MM_HINT_T0);
    }
  }

  // The projection onto a box, the same under any diagonal norm.
  V ClampToBox(V w) const {
    return Min(Max(w, V(-options_.box_radius)), V(options_.box_radius));
  }

  // sum_{s < until} of coordinate j, which has been `w` since the step up to
  // which its sum is kept: a coordinate that rests costs nothing.
  V AverageSum(int64_t j, V w, int64_t until) const {
    return ExtendIterateSum(
        LaneTraits<V>::Load(average_sum_->data() + j * kLanes), w,
        averaged_until_[j], until);
  }

  // A coordinate's block in registers.
  struct Coordinate {
    V w;
    V states[Rule::kStates + 1];
  };
  ABSL_ATTRIBUTE_ALWAYS_INLINE static Coordinate Load(const double* block) {
    Coordinate c;
    c.w = LaneTraits<V>::Load(block);
    for (int s = 0; s < Rule::kStates; ++s) {
      c.states[s] = LaneTraits<V>::Load(block + (1 + s) * kLanes);
    }
    return c;
  }
  ABSL_ATTRIBUTE_ALWAYS_INLINE static void Store(const Coordinate& c,
                                                 double* block) {
    LaneTraits<V>::Store(c.w, block);
    for (int s = 0; s < Rule::kStates; ++s) {
      LaneTraits<V>::Store(c.states[s], block + (1 + s) * kLanes);
    }
  }

  // Applies to coordinate j the steps that were put off.
  void CatchUp(int64_t j) {
    if (updated_until_[j] == step_) return;
    Coordinate c = Load(Block(j));
    rule_.CatchUp(updated_until_[j], step_, &c.w, c.states);
    Store(c, Block(j));
    updated_until_[j] = static_cast<uint32_t>(step_);
  }

  // kPlain: there are neither averages nor a box.
  template <bool kPlain>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void UpdateCoordinate(int64_t j,
                                                     V learning_rate, V g) {
    double* block = Block(j);
    Coordinate c = Load(block);
    if (!kPlain && options_.average) {
      LaneTraits<V>::Store(AverageSum(j, c.w, step_ + 1),
                           average_sum_->data() + j * kLanes);
      averaged_until_[j] = static_cast<uint32_t>(step_ + 1);
    }
    if constexpr (Rule::kStatesLag) {
      rule_.CatchUp(updated_until_[j], step_, &c.w, c.states);
    }
    const V before = c.w;
    rule_.Update(learning_rate, g, &c.w, c.states);
    if (!kPlain && options_.box_radius > 0.0) c.w = ClampToBox(c.w);
    path_.Move(j, before, c.w);
    if constexpr (Rule::kWeightsLag || Rule::kStatesLag) {
      updated_until_[j] = static_cast<uint32_t>(step_ + 1);
    }
    Store(c, block);
  }

  // M = 1 under a rule that moves coordinates one by one: the gradient is
  // applied without being stored.
  void StepOnOneSample(absl::Span<const uint32_t> order, int64_t position,
                       V learning_rate, LossSum<V>* loss) {
    Prefetch(order, position);
    const int64_t row = order[position];
    const V factor = GradientFactor(row, 1.0, loss);
    for (uint32_t k = view_.row_start[row]; k < view_.row_start[row + 1]; ++k) {
      UpdateCoordinate<true>(view_.index[k], learning_rate,
                             kBinary ? factor : factor * V(view_.value[k]));
    }
  }

  void StepOnBatch(absl::Span<const uint32_t> order, int64_t first,
                   int64_t count, V learning_rate, LossSum<V>* loss) {
    const double scale = 1.0 / static_cast<double>(count);
    const uint32_t mark = static_cast<uint32_t>(step_ + 1);
    size_t touched_count = 0;
    for (int64_t position = first; position < first + count; ++position) {
      Prefetch(order, position);
      const int64_t row = order[position];
      const uint32_t begin = view_.row_start[row];
      const uint32_t end = view_.row_start[row + 1];
      if constexpr (Rule::kWeightsLag) {
        // The forward pass must see where the rule has carried the weights.
        for (uint32_t k = begin; k < end; ++k) CatchUp(view_.index[k]);
      }
      const V factor = GradientFactor(row, scale, loss);
      const auto add_to_gradient = [&](uint32_t k) {
        double* g = gradient_.data() + int64_t{view_.index[k]} * kLanes;
        const V old = LaneTraits<V>::Load(g);
        LaneTraits<V>::Store(kBinary
                                 ? old + factor
                                 : MulAdd(V(view_.value[k]), factor, old),
                             g);
      };
      if (update_all_) {
        for (uint32_t k = begin; k < end; ++k) add_to_gradient(k);
        continue;
      }
      for (uint32_t k = begin; k < end; ++k) {
        add_to_gradient(k);
        // Without a branch: whether a coordinate is new is a coin toss.
        const uint32_t j = view_.index[k];
        touched_[touched_count] = j;
        touched_count += touched_at_[j] != mark;
        touched_at_[j] = mark;
      }
    }
    rule_.BeginStep(learning_rate);
    if constexpr (Rule::kNeedsNorm) {
      ForEachTouched(touched_count,
                     [&](int64_t j) { rule_.AddToNorm(Gradient(j)); });
    }
    const V rule_rate = rule_.Rate(learning_rate);
    ForEachTouched(touched_count, [&](int64_t j) {
      UpdateCoordinate<false>(j, rule_rate, Gradient(j));
      LaneTraits<V>::Store(V(0.0), gradient_.data() + j * kLanes);
    });
    if (ball_ != nullptr) ball_->Apply(rule_.rule(), blocks_.data());
  }

  V Gradient(int64_t j) const {
    return LaneTraits<V>::Load(gradient_.data() + j * kLanes);
  }

  template <typename F>
  ABSL_ATTRIBUTE_ALWAYS_INLINE void ForEachTouched(size_t touched_count,
                                                   F f) const {
    if (update_all_) {
      for (int64_t j = 0; j < dimension_; ++j) f(j);
    } else {
      for (size_t i = 0; i < touched_count; ++i) f(touched_[i]);
    }
  }

  CsrView view_;
  int64_t dimension_;
  LaneTrainerOptions options_;
  Rule rule_;
  bool update_all_;
  int64_t step_ = 0;
  alignas(32) double sample_loss_limit_[kLanes];
  int64_t explosion_step_[kLanes];

  LaneBuffer blocks_;
  // The batch's gradient; zero between steps.
  LaneBuffer gradient_;
  // Step + 1 at which a coordinate last joined `touched_`, whose first entries
  // are the coordinates of the current batch.
  std::vector<uint32_t> touched_at_;
  std::vector<uint32_t> touched_;
  // Steps applied to a coordinate, only where Rule has something lag.
  std::vector<uint32_t> updated_until_;
  // sum_{s < averaged_until_[j]} w_s, only with options_.average.
  std::unique_ptr<LaneBuffer> average_sum_;
  std::vector<uint32_t> averaged_until_;
  // Empty with options_.ball_radius, which moves everything at every step.
  PathDistances<V> path_;
  // Only with options_.ball_radius.
  std::unique_ptr<LaneBallProjection<typename Rule::Rule, V>> ball_;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_LANE_TRAINER_H_
