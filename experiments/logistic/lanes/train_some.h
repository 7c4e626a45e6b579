#ifndef EXPERIMENTS_LOGISTIC_LANES_TRAIN_SOME_H_
#define EXPERIMENTS_LOGISTIC_LANES_TRAIN_SOME_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "experiments/logistic/lanes/grid_run.h"
#include "experiments/logistic/lanes/lane_rules.h"
#include "experiments/logistic/lanes/lane_state.h"
#include "experiments/logistic/lanes/lane_trainer.h"
#include "experiments/logistic/lanes/run_recorder.h"
#include "experiments/logistic/lanes/sample_order.h"
#include "optim/rule.h"
#include "optim/rules.h"
#include "optim/schedule.h"
#include "tools/base/lanes.h"

// The templates over lanes that grid_trainer.cc instantiates for registers of AVX2
// and wide_lanes.cc for those of AVX-512.

namespace anisograd {

// Learning rates of a group of grid points at a step, one per lane:
// sum_s factor_s(t) eta_s, where eta_s holds the rates of the lanes with the
// s-th distinct schedule and zero elsewhere.
template <typename V>
class LaneRates {
 public:
  LaneRates(absl::Span<const GridPoint> points, const ScheduleClock& clock)
      : clock_(clock) {
    constexpr int kLanes = LaneTraits<V>::kLanes;
    std::vector<bool> placed(points.size(), false);
    for (size_t i = 0; i < points.size(); ++i) {
      if (placed[i]) continue;
      alignas(32) double rates[kLanes] = {};
      for (size_t k = i; k < points.size(); ++k) {
        if (!SameSchedule(points[k].schedule, points[i].schedule)) continue;
        rates[k] = points[k].learning_rate;
        placed[k] = true;
      }
      schedules_.push_back(points[i].schedule);
      rates_.push_back(LaneTraits<V>::Load(rates));
    }
  }

  // Steps come in ascending order.
  V operator()(int64_t step) {
    if (step >= next_tick_) {
      rate_ = V(0.0);
      for (size_t s = 0; s < schedules_.size(); ++s) {
        rate_ = MulAdd(V(clock_.Factor(schedules_[s], step)), rates_[s], rate_);
      }
      next_tick_ = clock_.NextTick(step);
    }
    return rate_;
  }

 private:
  ScheduleClock clock_;
  std::vector<ScheduleSpec> schedules_;
  std::vector<V> rates_;
  V rate_ = V(0.0);
  // Where the factors change next.
  int64_t next_tick_ = 0;
};

// Step counts over all epochs at which something is measured: powers of two,
// and evaluations of f between epoch ends.
class Stops {
 public:
  Stops(int64_t steps_per_epoch, int64_t evaluations_per_epoch)
      : steps_(steps_per_epoch), evaluations_(evaluations_per_epoch) {}

  bool IsPowerOfTwo(int64_t step) const { return (step & (step - 1)) == 0; }

  // Evaluation k of K is the first at or after k / K of the epoch's steps.
  // Epoch ends have their own measurement.
  bool IsEvaluation(int64_t step) const {
    const int64_t t = step % steps_;
    return t != 0 && t * evaluations_ / steps_ > (t - 1) * evaluations_ / steps_;
  }

  // The first stop after `step`, epoch ends among them.
  int64_t After(int64_t step) const {
    int64_t power = 1;
    while (power <= step) power *= 2;
    const int64_t first = step - step % steps_, t = step - first;
    const int64_t k = t * evaluations_ / steps_ + 1;
    return std::min(power, first + (k * steps_ + evaluations_ - 1) /
                                       evaluations_);
  }

 private:
  int64_t steps_;
  int64_t evaluations_;
};

// Records of the lanes of one group.
template <typename V>
class GroupRecorder {
 public:
  GroupRecorder(const GridTrainerOptions& options, int64_t rows,
                absl::Span<GridRun> runs)
      : options_(options), recorder_(options, rows), runs_(runs) {
    for (GridRun& run : runs_) recorder_.Start(&run);
  }

  // After `epoch` epochs (0: at w_0). `mean_loss_sum` is the trainer's sum over
  // the epoch's `samples`.
  void Record(LaneState<V>& trainer, int epoch, V mean_loss_sum,
              int64_t samples) {
    trainer.Synchronise();
    const bool averaged =
        options_.protocol.iterate() == LogisticProtocol::AVERAGED;
    alignas(32) double loss[kLanes], mean_loss[kLanes];
    LaneTraits<V>::Store(trainer.EvaluateLossSum(averaged), loss);
    LaneTraits<V>::Store(mean_loss_sum, mean_loss);
    for (size_t i = 0; i < runs_.size(); ++i) {
      EpochMeasurement measured;
      measured.epoch = epoch;
      measured.loss_sum = loss[i];
      measured.drawn_loss_sum = mean_loss[i];
      measured.samples = samples;
      measured.steps = trainer.steps();
      measured.explosion_step = trainer.explosion_step(static_cast<int>(i));
      if (epoch > 0 && options_.evaluations_per_epoch > 1) {
        recorder_.RecordEvaluation(loss[i], &runs_[i]);
      }
      if (recorder_.RecordEpoch(measured, &runs_[i]) &&
          options_.keep_best_weights) {
        CopyWeights(trainer, averaged, i, &runs_[i].best_weights);
      }
    }
    RecordDistances(trainer);
    RecordStepDistances(trainer);
  }

  // At the trainer's current step, of w_t with every iterate.
  void RecordDistances(LaneState<V>& trainer) {
    trainer.Synchronise();
    for (size_t o = 0; o < options_.optima.size(); ++o) {
      MeasureDistances(&trainer, o);
    }
  }

  // f at the trainer's current step, between epoch ends.
  void RecordEvaluation(LaneState<V>& trainer) {
    trainer.Synchronise();
    alignas(32) double loss[kLanes];
    LaneTraits<V>::Store(
        trainer.EvaluateLossSum(options_.protocol.iterate() ==
                                LogisticProtocol::AVERAGED),
        loss);
    for (size_t i = 0; i < runs_.size(); ++i) {
      recorder_.RecordEvaluation(loss[i], &runs_[i]);
    }
  }

 private:
  static constexpr int kLanes = LaneTraits<V>::kLanes;

  static void CopyWeights(const LaneState<V>& trainer, bool averaged, size_t lane,
                          std::vector<double>* weights) {
    alignas(32) double lanes[kLanes];
    weights->resize(trainer.dimension());
    for (int64_t j = 0; j < trainer.dimension(); ++j) {
      LaneTraits<V>::Store(trainer.Weights(j, averaged), lanes);
      (*weights)[j] = lanes[lane];
    }
  }

  void MeasureDistances(LaneState<V>* trainer, size_t optimum) {
    V sum(0.0), largest(0.0);
    for (int64_t j = 0; j < trainer->dimension(); ++j) {
      const V difference = trainer->Weights(j, /*averaged=*/false) -
                           V(options_.optima[optimum][j]);
      sum = MulAdd(difference, difference, sum);
      largest = Max(largest, Abs(difference));
    }
    if (optimum < trainer->path().size()) {
      trainer->path().Restart(optimum, sum, largest);
    }
    alignas(32) double l2[kLanes], linf[kLanes];
    LaneTraits<V>::Store(Sqrt(sum), l2);
    LaneTraits<V>::Store(largest, linf);
    for (size_t i = 0; i < runs_.size(); ++i) {
      RunRecorder::RecordDistance(static_cast<int64_t>(optimum), l2[i], linf[i],
                                  &runs_[i]);
    }
  }

  void RecordStepDistances(LaneState<V>& trainer) {
    for (size_t o = 0; o < trainer.path().size(); ++o) {
      alignas(32) double l2[kLanes], linf[kLanes];
      LaneTraits<V>::Store(trainer.path().LargestL2(o), l2);
      LaneTraits<V>::Store(trainer.path().LargestLinf(o), linf);
      for (size_t i = 0; i < runs_.size(); ++i) {
        recorder_.RecordStepDistance(static_cast<int64_t>(o), l2[i], linf[i],
                                     &runs_[i]);
      }
    }
  }

  const GridTrainerOptions& options_;
  RunRecorder recorder_;
  absl::Span<GridRun> runs_;
};

inline LaneTrainerOptions LaneOptions(const GridTrainerOptions& options,
                               bool weights_lag) {
  LaneTrainerOptions lane_options;
  lane_options.batch_size = options.batch_size;
  lane_options.average =
      options.protocol.iterate() == LogisticProtocol::AVERAGED;
  const ProjectionSpec& projection = options.protocol.projection();
  if (projection.kind() == ProjectionSpec::BOX) {
    lane_options.box_radius = projection.radius();
  } else if (projection.kind() == ProjectionSpec::L2_BALL) {
    lane_options.ball_radius = projection.radius();
  }
  if (options.protocol.explosion().max_sample_loss() > 0.0) {
    lane_options.max_sample_loss =
        options.protocol.explosion().max_sample_loss();
  }
  if (options.every_step_distances && !weights_lag &&
      projection.kind() != ProjectionSpec::L2_BALL) {
    lane_options.path_optima = options.optima;
  }
  return lane_options;
}

// Trains as many of the runs as a V holds; returns what is left of them.
template <typename Rule, typename V>
absl::Span<GridRun> TrainSome(const LogisticProblem& problem,
                              const GridTrainerOptions& options,
                              absl::Span<GridRun> left) {
  const size_t count =
      std::min<size_t>(LaneTraits<V>::kLanes, left.size());
  const auto points = absl::MakeSpan(options.grid)
                          .subspan(options.grid.size() - left.size(), count);
  const absl::Span<GridRun> runs = left.first(count);
  LaneTrainer<Rule, V> trainer(
      problem, options.optimizer, LaneOptions(options, Rule::kWeightsLag),
      InitialWeights(options.seed, options.protocol.initial_radius(),
                     problem.dimension()));
  GroupRecorder<V> recorder(options, problem.rows(), runs);
  recorder.Record(trainer, 0, V(0.0), 1);
  std::vector<uint32_t> order;
  const ScheduleClock clock(options, problem.rows());
  const LaneRates<V> rates(points, clock);
  const Stops stops(clock.steps_per_epoch(), options.evaluations_per_epoch);
  for (int epoch = 1; epoch <= options.protocol.epochs(); ++epoch) {
    DrawSampleOrder(options, problem.rows(), static_cast<uint32_t>(epoch - 1),
                    &order);
    const auto at_stop = [&] {
      if (stops.IsPowerOfTwo(trainer.steps())) recorder.RecordDistances(trainer);
      if (stops.IsEvaluation(trainer.steps())) recorder.RecordEvaluation(trainer);
      return stops.After(trainer.steps());
    };
    const V mean_loss_sum = trainer.RunEpoch(
        order, rates, stops.After(trainer.steps()), at_stop);
    recorder.Record(trainer, epoch, mean_loss_sum,
                    static_cast<int64_t>(order.size()));
    if (options.progress) options.progress(epoch);
  }
  return left.subspan(count);
}

// Trains runs while more than two are left; returns the others. Sixteen lanes share
// more of a pass than eight. But where every step goes through all coordinates, these
// would no longer fit the first-level cache, and steps that were put off are replayed
// until no lane moves.
template <typename Eight, typename Sixteen, typename Rule, bool kPutOff>
absl::Span<GridRun> TrainGroups(const LogisticProblem& problem,
                                const GridTrainerOptions& options,
                                absl::Span<GridRun> runs) {
  using Many =
      std::conditional_t<Rule::kAtRest == AtRest::kAllMove, Eight, Sixteen>;
  const auto with = [&](auto width) {
    using V = decltype(width);
    return TrainSome<LaneRule<Rule, V, kPutOff>, V>(problem, options, runs);
  };
  while (runs.size() > Lanes2::kLanes) {
    runs = runs.size() <= Eight::kLanes + Lanes2::kLanes ? with(Eight())
                                                         : with(Many());
  }
  return runs;
}

// Calls f(Rule, puts_off), two tags, for the options' rule.
template <typename F>
absl::Status WithLaneRule(const LogisticProblem& problem,
                          const GridTrainerOptions& options, F f) {
  return WithRule(options.optimizer.rule_case(), [&](auto tag) {
    using Rule = RuleOf<decltype(tag), double>;
    if constexpr (Rule::kAtRest == AtRest::kAllMove) {
      if (PutsStepsOff(options.optimizer, problem.dimension())) {
        f(tag, std::true_type());
        return absl::OkStatus();
      }
    }
    f(tag, std::false_type());
    return absl::OkStatus();
  });
}

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_TRAIN_SOME_H_
