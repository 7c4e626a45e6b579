#ifndef EXPERIMENTS_LOGISTIC_LANES_LANE_TRAINER_H_
#define EXPERIMENTS_LOGISTIC_LANES_LANE_TRAINER_H_

#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "experiments/logistic/lanes/grid_run.h"
#include "experiments/logistic/lanes/lane_projection.h"
#include "experiments/logistic/lanes/lane_state.h"
#include "experiments/logistic/problem/loss_sum.h"
#include "experiments/logistic/problem/problem.h"
#include "tools/base/lanes.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// kLanes runs of one update rule, a LaneRule (lane_rules.h) over V, on the same
// samples in the same order.
//
// Cost of one sample with k non-zeros: 2k loads and k stores of a block, one
// exponential and one division; nothing of size dimension() unless a batch
// touches most of it.
template <typename Rule, typename V>
class LaneTrainer : public LaneState<V> {
 public:
  using LaneState<V>::kLanes;
  static constexpr int kBlock = (1 + Rule::kStates) * kLanes;

  LaneTrainer(const LogisticProblem& problem, const OptimizerSpec& optimizer,
              const LaneTrainerOptions& options,
              absl::Span<const double> initial_weights)
      : LaneState<V>(problem, options, Rule::kStates),
        rule_(optimizer),
        gradient_(dimension_ * kLanes),
        touched_at_(dimension_, 0),
        touched_(dimension_ + 1) {
    // The ball's projection moves all coordinates, in the metric of the step.
    update_all_ = Rule::kMovesAll || options.ball_radius > 0.0 ||
                  TouchesMostCoordinates(problem, options.batch_size);
    if (options.ball_radius > 0.0) {
      ball_ = std::make_unique<LaneBallProjection<typename Rule::Rule, V>>(
          options.ball_radius, dimension_);
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
  template <typename RateFunction>
  V RunEpoch(absl::Span<const uint32_t> order, RateFunction rate,
             int64_t next_stop, absl::FunctionRef<int64_t()> at_stop) {
    return binary_ ? Run<true>(order, rate, next_stop, at_stop)
                   : Run<false>(order, rate, next_stop, at_stop);
  }
  void Synchronise() override {
    if constexpr (Rule::kWeightsLag) {
      for (int64_t j = 0; j < dimension_; ++j) CatchUp(j);
    }
  }

 private:
  using LaneState<V>::average_sum_;
  using LaneState<V>::averaged_until_;
  using LaneState<V>::binary_;
  using LaneState<V>::blocks_;
  using LaneState<V>::dimension_;
  using LaneState<V>::options_;
  using LaneState<V>::path_;
  using LaneState<V>::sample_loss_limit_;
  using LaneState<V>::step_;
  using LaneState<V>::view_;

  double* Block(int64_t j) { return blocks_.data() + j * kBlock; }
  const double* Block(int64_t j) const { return blocks_.data() + j * kBlock; }

  template <bool kBinary, typename RateFunction>
  V Run(absl::Span<const uint32_t> order, RateFunction rate,
        int64_t next_stop, absl::FunctionRef<int64_t()> at_stop) {
    LossSum<V> loss;
    const int64_t n = static_cast<int64_t>(order.size());
    for (int64_t first = 0; first < n; first += options_.batch_size) {
      const int64_t count = std::min(options_.batch_size, n - first);
      V learning_rate = rate(step_);
      if constexpr (!Rule::kNeedsNorm && !Rule::kMovesAll &&
                    !Rule::kWeightsLag && Rule::kClock == 0) {
        if (options_.batch_size == 1 && !options_.average &&
            options_.box_radius == 0.0 && options_.ball_radius == 0.0 &&
            !(Rule::kStatesLag && update_all_)) {
          StepOnOneSample<kBinary>(order, first, learning_rate, &loss);
          path_.EndStep();
          if (++step_ == next_stop) next_stop = at_stop();
          continue;
        }
      }
      StepOnBatch<kBinary>(order, first, count, learning_rate, &loss);
      path_.EndStep();
      if (++step_ == next_stop) next_stop = at_stop();
    }
    return loss.Total();
  }

  // -y_i sigma(-y_i <x_i, w>) times `scale`: the factor of x_i in the gradient.
  template <bool kBinary>
  ABSL_ATTRIBUTE_ALWAYS_INLINE V GradientFactor(int64_t row, double scale,
                                                LossSum<V>* loss) {
    const V z = this->template Margin<kBinary>(row, blocks_.data(), kBlock);
    if (AnyGreater(-z, LaneTraits<V>::Load(sample_loss_limit_))) {
      this->NoteExplosion(z);
    }
    const V residual = LogisticResidual(z, loss->Add(z));
    return residual * V(view_.label[row] > 0 ? -scale : scale);
  }

  // Rows come in random order: ask for the ones ahead.
  template <bool kBinary>
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
      LaneTraits<V>::Store(this->AverageSum(j, c.w, step_ + 1),
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

  // M = 1 under a rule that moves coordinates one by one, whatever the step's
  // number: the gradient is applied without being stored.
  template <bool kBinary>
  void StepOnOneSample(absl::Span<const uint32_t> order, int64_t position,
                       V learning_rate, LossSum<V>* loss) {
    Prefetch<kBinary>(order, position);
    const int64_t row = order[position];
    const V factor = GradientFactor<kBinary>(row, 1.0, loss);
    for (uint32_t k = view_.row_start[row]; k < view_.row_start[row + 1]; ++k) {
      UpdateCoordinate<true>(view_.index[k], learning_rate,
                             kBinary ? factor : factor * V(view_.value[k]));
    }
  }

  template <bool kBinary>
  void StepOnBatch(absl::Span<const uint32_t> order, int64_t first,
                   int64_t count, V learning_rate, LossSum<V>* loss) {
    const double scale = 1.0 / static_cast<double>(count);
    size_t touched_count = 0;
    for (int64_t position = first; position < first + count; ++position) {
      Prefetch<kBinary>(order, position);
      const int64_t row = order[position];
      if constexpr (Rule::kWeightsLag) {
        // The forward pass must see where the rule has carried the weights.
        for (uint32_t k = view_.row_start[row]; k < view_.row_start[row + 1];
             ++k) {
          CatchUp(view_.index[k]);
        }
      }
      const V factor = GradientFactor<kBinary>(row, scale, loss);
      touched_count = AddToGradient<kBinary>(row, factor, touched_count);
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

  // Adds factor x_row; returns how many coordinates the batch has touched, where
  // `touched_count` were before.
  template <bool kBinary>
  ABSL_ATTRIBUTE_ALWAYS_INLINE size_t AddToGradient(int64_t row, V factor,
                                                    size_t touched_count) {
    const uint32_t begin = view_.row_start[row];
    const uint32_t end = view_.row_start[row + 1];
    const auto add = [&](uint32_t k) {
      double* g = gradient_.data() + int64_t{view_.index[k]} * kLanes;
      const V old = LaneTraits<V>::Load(g);
      LaneTraits<V>::Store(
          kBinary ? old + factor : MulAdd(V(view_.value[k]), factor, old), g);
    };
    if (update_all_) {
      for (uint32_t k = begin; k < end; ++k) add(k);
      return 0;
    }
    const uint32_t mark = static_cast<uint32_t>(step_ + 1);
    for (uint32_t k = begin; k < end; ++k) {
      add(k);
      // Without a branch: whether a coordinate is new is a coin toss.
      const uint32_t j = view_.index[k];
      touched_[touched_count] = j;
      touched_count += touched_at_[j] != mark;
      touched_at_[j] = mark;
    }
    return touched_count;
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

  Rule rule_;
  bool update_all_;
  // The batch's gradient; zero between steps.
  LaneBuffer gradient_;
  // Step + 1 at which a coordinate last joined `touched_`, whose first entries
  // are the coordinates of the current batch.
  std::vector<uint32_t> touched_at_;
  std::vector<uint32_t> touched_;
  // Steps applied to a coordinate, only where Rule has something lag.
  std::vector<uint32_t> updated_until_;
  // Only with options_.ball_radius.
  std::unique_ptr<LaneBallProjection<typename Rule::Rule, V>> ball_;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_LANE_TRAINER_H_
