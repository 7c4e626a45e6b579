#include "experiments/logistic/grid_trainer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/logistic/lane_rules.h"
#include "experiments/logistic/lane_trainer.h"
#include "optim/schedule.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Beyond this dimension Adam's steps on coordinates at rest are put off.
constexpr int64_t kLazyAdamDimension = 1024;

bool IsLazyAdam(const OptimizerSpec& optimizer, int64_t dimension) {
  return optimizer.rule_case() == OptimizerSpec::kAdam &&
         dimension > kLazyAdamDimension;
}

absl::Status CheckSupported(const GridTrainerOptions& options,
                            int64_t dimension) {
  if (options.batch_size <= 0) {
    return absl::InvalidArgumentError("batch_size: must be positive");
  }
  const LogisticProtocol& protocol = options.protocol;
  const bool box = protocol.projection().kind() == ProjectionSpec::BOX;
  if (protocol.projection().kind() == ProjectionSpec::L2_BALL) {
    return absl::InvalidArgumentError(
        "logistic.projection.kind: L2_BALL is not available in grid training, "
        "where it would cost a full pass over the weights per step");
  }
  if (box && protocol.initial_radius() > protocol.projection().radius()) {
    return absl::InvalidArgumentError(
        "logistic.projection.radius: w_0 must lie in the box, so the radius "
        "must be at least logistic.initial_radius");
  }
  if (IsLazyAdam(options.optimizer, dimension) &&
      (box || protocol.iterate() == LogisticProtocol::AVERAGED)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "logistic: Adam in more than ", kLazyAdamDimension,
        " dimensions has neither projections nor averaged iterates"));
  }
  return absl::OkStatus();
}

// Samples of epoch `epoch`, in the order in which batches take them.
void DrawOrder(const GridTrainerOptions& options, int64_t rows, uint32_t epoch,
               std::vector<uint32_t>* order) {
  order->resize(rows);
  if (options.protocol.sampling() == LogisticProtocol::WITH_REPLACEMENT) {
    RandomStream stream(options.seed, RandomPurpose::kSampling, epoch);
    for (uint32_t& i : *order) i = static_cast<uint32_t>(stream.NextBelow(rows));
  } else {
    std::iota(order->begin(), order->end(), 0);
    Shuffle(RandomStream(options.seed, RandomPurpose::kShuffle, epoch),
            order->data(), order->size());
  }
  if (options.protocol.last_batch() == LogisticProtocol::DROP &&
      rows >= options.batch_size) {
    order->resize(rows - rows % options.batch_size);
  }
}

// Learning rates of a group of grid points at a step, one per lane:
// sum_s factor_s(t) eta_s, where eta_s holds the rates of the lanes with the
// s-th distinct schedule and zero elsewhere.
template <typename V>
class LaneRates {
 public:
  LaneRates(absl::Span<const GridPoint> points, int64_t steps_per_epoch,
            int64_t total_steps, bool per_epoch)
      : steps_per_epoch_(per_epoch ? steps_per_epoch : 1),
        total_(total_steps / steps_per_epoch_) {
    constexpr int kLanes = LaneTraits<V>::kLanes;
    std::vector<bool> placed(points.size(), false);
    for (size_t i = 0; i < points.size(); ++i) {
      if (placed[i]) continue;
      alignas(32) double rates[kLanes] = {};
      for (size_t k = i; k < points.size(); ++k) {
        if (points[k].schedule.SerializeAsString() !=
            points[i].schedule.SerializeAsString()) {
          continue;
        }
        rates[k] = points[k].learning_rate;
        placed[k] = true;
      }
      schedules_.push_back(points[i].schedule);
      rates_.push_back(LaneTraits<V>::Load(rates));
    }
  }

  V operator()(int64_t step) const {
    const int64_t t = steps_per_epoch_ == 1 ? step : step / steps_per_epoch_;
    V rate(0.0);
    for (size_t s = 0; s < schedules_.size(); ++s) {
      rate = MulAdd(V(ScheduleFactor(schedules_[s], t, total_)), rates_[s],
                    rate);
    }
    return rate;
  }

 private:
  int64_t steps_per_epoch_;
  int64_t total_;
  std::vector<ScheduleSpec> schedules_;
  std::vector<V> rates_;
};

// Records of the lanes of one group.
class GroupRecorder {
 public:
  GroupRecorder(const GridTrainerOptions& options, int64_t rows,
                absl::Span<GridRun> runs)
      : options_(options), rows_(static_cast<double>(rows)), runs_(runs) {
    for (GridRun& run : runs_) {
      run.best_loss = std::numeric_limits<double>::infinity();
      run.max_distance_l2.assign(options.optima.size(), 0.0);
      run.max_distance_linf.assign(options.optima.size(), 0.0);
    }
  }

  // After `epoch` epochs (0: at w_0). `mean_loss_sum` is the trainer's sum over
  // the epoch's `samples`.
  template <typename Trainer, typename V>
  void Record(Trainer& trainer, int epoch, V mean_loss_sum, int64_t samples) {
    constexpr int kLanes = LaneTraits<V>::kLanes;
    trainer.Synchronise();
    const bool averaged =
        options_.protocol.iterate() == LogisticProtocol::AVERAGED;
    alignas(32) double loss[kLanes], mean_loss[kLanes];
    LaneTraits<V>::Store(trainer.EvaluateLossSum(averaged), loss);
    LaneTraits<V>::Store(mean_loss_sum, mean_loss);
    for (size_t i = 0; i < runs_.size(); ++i) {
      GridRun& run = runs_[i];
      run.loss.push_back(loss[i] / rows_);
      if (epoch > 0) {
        run.epoch_mean_loss.push_back(mean_loss[i] /
                                      static_cast<double>(samples));
        CheckExplosion(trainer.explosion_step(static_cast<int>(i)),
                       trainer.steps(), &run);
      }
      if (epoch > 0 && run.loss.back() < run.best_loss) {
        run.best_loss = run.loss.back();
        run.best_epoch = epoch;
        if (options_.keep_best_weights) {
          CopyWeights<Trainer, V>(trainer, averaged, i, &run.best_weights);
        }
      }
    }
    RecordDistances<Trainer, V>(trainer);
  }

  // At the trainer's current step.
  template <typename Trainer, typename V>
  void RecordDistances(Trainer& trainer) {
    trainer.Synchronise();
    const bool averaged =
        options_.protocol.iterate() == LogisticProtocol::AVERAGED;
    for (size_t o = 0; o < options_.optima.size(); ++o) {
      MeasureDistances<Trainer, V>(trainer, averaged, o);
    }
  }

 private:
  // `drawn_at`: the step that drew a sample above the limit, or -1.
  void CheckExplosion(int64_t drawn_at, int64_t steps, GridRun* run) const {
    if (run->exploded) return;
    if (drawn_at >= 0) {
      run->explosion_step = drawn_at;
      run->explosion_reason =
          absl::StrCat("a sample's loss exceeded ",
                       options_.protocol.explosion().max_sample_loss());
    } else if (!std::isfinite(run->loss.back()) ||
               !std::isfinite(run->epoch_mean_loss.back())) {
      run->explosion_step = steps;
      run->explosion_reason = "the loss is not finite";
    } else {
      return;
    }
    run->exploded = true;
  }

  template <typename Trainer, typename V>
  static void CopyWeights(const Trainer& trainer, bool averaged, size_t lane,
                          std::vector<double>* weights) {
    alignas(32) double lanes[LaneTraits<V>::kLanes];
    weights->resize(trainer.dimension());
    for (int64_t j = 0; j < trainer.dimension(); ++j) {
      LaneTraits<V>::Store(trainer.Weights(j, averaged), lanes);
      (*weights)[j] = lanes[lane];
    }
  }

  template <typename Trainer, typename V>
  void MeasureDistances(const Trainer& trainer, bool averaged, size_t optimum) {
    V sum(0.0), largest(0.0);
    for (int64_t j = 0; j < trainer.dimension(); ++j) {
      const V difference =
          trainer.Weights(j, averaged) - V(options_.optima[optimum][j]);
      sum = MulAdd(difference, difference, sum);
      largest = Max(largest, Abs(difference));
    }
    alignas(32) double l2[LaneTraits<V>::kLanes], linf[LaneTraits<V>::kLanes];
    LaneTraits<V>::Store(Sqrt(sum), l2);
    LaneTraits<V>::Store(largest, linf);
    for (size_t i = 0; i < runs_.size(); ++i) {
      double& max_l2 = runs_[i].max_distance_l2[optimum];
      double& max_linf = runs_[i].max_distance_linf[optimum];
      max_l2 = std::max(max_l2, l2[i]);
      max_linf = std::max(max_linf, linf[i]);
    }
  }

  const GridTrainerOptions& options_;
  double rows_;
  absl::Span<GridRun> runs_;
};

template <template <typename> class Rule, typename V, bool kBinary>
void TrainGroup(const LogisticProblem& problem,
                const GridTrainerOptions& options,
                absl::Span<const GridPoint> points, absl::Span<GridRun> runs) {
  LaneTrainerOptions lane_options;
  lane_options.batch_size = options.batch_size;
  lane_options.average =
      options.protocol.iterate() == LogisticProtocol::AVERAGED;
  if (options.protocol.projection().kind() == ProjectionSpec::BOX) {
    lane_options.box_radius = options.protocol.projection().radius();
  }
  if (options.protocol.explosion().max_sample_loss() > 0.0) {
    lane_options.max_sample_loss =
        options.protocol.explosion().max_sample_loss();
  }
  LaneTrainer<Rule, V, kBinary> trainer(
      problem, options.optimizer, lane_options,
      InitialWeights(options.seed, options.protocol.initial_radius(),
                     problem.dimension()));
  GroupRecorder recorder(options, problem.rows(), runs);
  recorder.Record(trainer, 0, V(0.0), 1);
  std::vector<uint32_t> order;
  DrawOrder(options, problem.rows(), 0, &order);
  const int64_t samples = static_cast<int64_t>(order.size());
  const int64_t steps_per_epoch =
      (samples + options.batch_size - 1) / options.batch_size;
  const LaneRates<V> rates(
      points, steps_per_epoch, steps_per_epoch * options.protocol.epochs(),
      options.protocol.schedule_clock() == LogisticProtocol::PER_EPOCH);
  for (int epoch = 1; epoch <= options.protocol.epochs(); ++epoch) {
    if (epoch > 1) {
      DrawOrder(options, problem.rows(), static_cast<uint32_t>(epoch - 1),
                &order);
    }
    const V mean_loss_sum = trainer.RunEpoch(order, rates, [&] {
      recorder.RecordDistances<LaneTrainer<Rule, V, kBinary>, V>(trainer);
    });
    recorder.Record(trainer, epoch, mean_loss_sum, samples);
    if (options.progress) options.progress(epoch);
  }
}

template <template <typename> class Rule, typename V>
void TrainGroups(const LogisticProblem& problem,
                 const GridTrainerOptions& options,
                 absl::Span<GridRun> runs) {
  constexpr size_t kLanes = LaneTraits<V>::kLanes;
  const absl::Span<const GridPoint> points = options.grid;
  const bool binary = HasBinaryValues(problem.view());
  for (size_t first = 0; first < points.size(); first += kLanes) {
    const size_t count = std::min(kLanes, points.size() - first);
    const auto train = binary ? &TrainGroup<Rule, V, true>
                              : &TrainGroup<Rule, V, false>;
    train(problem, options, points.subspan(first, count),
          runs.subspan(first, count));
  }
}

template <template <typename> class Rule>
void TrainWithRule(const LogisticProblem& problem,
                   const GridTrainerOptions& options,
                   absl::Span<GridRun> runs) {
  if (options.one_lane) {
    TrainGroups<Rule, double>(problem, options, runs);
  } else {
    TrainGroups<Rule, Lanes8>(problem, options, runs);
  }
}

}  // namespace

std::vector<GridPoint> ExpandGrid(const Grid& grid) {
  std::vector<GridPoint> points;
  for (const double rate : grid.learning_rate()) {
    for (const ScheduleSpec& schedule : grid.schedule()) {
      points.push_back({rate, schedule});
    }
  }
  return points;
}

std::vector<double> InitialWeights(uint64_t seed, double radius,
                                   int64_t dimension) {
  RandomStream stream(seed, RandomPurpose::kInitialWeights);
  std::vector<double> weights(dimension);
  for (double& w : weights) w = stream.NextUniform(-radius, radius);
  return weights;
}

absl::StatusOr<std::vector<GridRun>> TrainGrid(
    const LogisticProblem& problem, const GridTrainerOptions& options) {
  RETURN_IF_ERROR(CheckSupported(options, problem.dimension()));
  std::vector<GridRun> runs(options.grid.size());
  const absl::Span<GridRun> span = absl::MakeSpan(runs);
  switch (options.optimizer.rule_case()) {
    case OptimizerSpec::kSgd:
      TrainWithRule<LaneSgd>(problem, options, span);
      return runs;
    case OptimizerSpec::kAdagrad:
      TrainWithRule<LaneAdaGrad>(problem, options, span);
      return runs;
    case OptimizerSpec::kAdagradNorm:
      TrainWithRule<LaneAdaGradNorm>(problem, options, span);
      return runs;
    case OptimizerSpec::kAdam:
      if (IsLazyAdam(options.optimizer, problem.dimension())) {
        TrainWithRule<LaneLazyAdam>(problem, options, span);
      } else {
        TrainWithRule<LaneAdam>(problem, options, span);
      }
      return runs;
    case OptimizerSpec::RULE_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("optimizer: must name an update rule");
}

}  // namespace anisograd
