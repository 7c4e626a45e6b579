#include "analysis/theory/path_replay.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/status/status.h"
#include "analysis/gradient_noise.h"
#include "experiments/logistic/lanes/path_distances.h"
#include "experiments/logistic/lanes/sample_order.h"
#include "experiments/logistic/problem/loss_sum.h"
#include "optim/averaging.h"
#include "optim/rules.h"
#include "tools/base/flush_subnormals.h"
#include "tools/base/scalar_math.h"
#include "tools/base/status_macros.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

// Strata of the steps 0 .. T - 1, one at a time.
class Strata {
 public:
  explicit Strata(int64_t steps) : steps_(steps) { Next(); }

  int64_t sample() const { return begin_ + length_ / 2; }
  int64_t length() const { return length_; }
  void Next() {
    begin_ += length_;
    const int64_t longest = std::max<int64_t>(1, steps_ / 64);
    length_ = std::min({std::max<int64_t>(1, begin_ / 16), longest,
                        steps_ - begin_});
  }

 private:
  int64_t steps_;
  int64_t begin_ = 0;
  int64_t length_ = 0;
};

template <typename Rule>
class Replay {
 public:
  Replay(const LogisticProblem& problem, const GridTrainerOptions& options,
         const GridPoint& point, absl::Span<const double> optimum,
         double optimum_loss)
      : problem_(problem),
        view_(problem.view()),
        options_(options),
        point_(point),
        optimum_(optimum),
        optimum_loss_(optimum_loss),
        clock_(options, problem.rows()),
        rule_(options.optimizer),
        averaged_(options.protocol.iterate() == LogisticProtocol::AVERAGED),
        w_(InitialWeights(options.seed, options.protocol.initial_radius(),
                          problem.dimension())),
        path_({optimum}) {
    const size_t d = w_.size();
    if (options.protocol.projection().kind() == ProjectionSpec::BOX) {
      box_ = options.protocol.projection().radius();
    }
    for (auto* v : {&gradient_, &sum_, &record_.signal, &record_.noise,
                    &record_.distance, &record_.root_squares}) {
      v->assign(d, 0.0);
    }
    averaged_until_.assign(d, 0);
    touched_at_.assign(d, -1);
    if constexpr (Rule::kStates > 0) {
      states_.assign(d, rule_.InitialState(0));
      squares_.assign(d, 0.0);
    }
  }

  PathRecord Run() {
    record_.steps = clock_.total_steps(options_.protocol);
    MeasureDistance();
    record_.initial_distance = record_.distance_l2;
    for (size_t j = 0; j < w_.size(); ++j) {
      record_.distance[j] = std::fabs(w_[j] - optimum_[j]);
    }
    record_.loss.push_back(problem_.Loss(w_));
    record_.initial_gap = record_.loss[0] - optimum_loss_;
    std::vector<uint32_t> order;
    Strata strata(record_.steps);
    for (int epoch = 1; epoch <= options_.protocol.epochs(); ++epoch) {
      DrawSampleOrder(options_, problem_.rows(),
                      static_cast<uint32_t>(epoch - 1), &order);
      const int64_t n = static_cast<int64_t>(order.size());
      for (int64_t first = 0; first < n; first += options_.batch_size) {
        const int64_t count = std::min(options_.batch_size, n - first);
        const double rate =
            MulAdd(clock_.Factor(point_.schedule, step_), point_.learning_rate,
                   0.0);
        if (step_ == 0) record_.first_rate = rate;
        record_.last_rate = rate;
        if (step_ == strata.sample()) {
          Sample(static_cast<double>(strata.length()), rate,
                 static_cast<double>(count));
          strata.Next();
        }
        Step(order.data() + first, count, rate);
        path_.EndStep();
        ++step_;
      }
      record_.loss.push_back(problem_.Loss(averaged_ ? Average() : w_));
      MeasureDistance();
    }
    Finish();
    return record_;
  }

 private:
  // Afresh, for the sum of squares.
  void MeasureDistance() {
    double square = 0.0, largest = 0.0;
    for (size_t j = 0; j < w_.size(); ++j) {
      const double difference = w_[j] - optimum_[j];
      square = MulAdd(difference, difference, square);
      largest = std::max(largest, std::fabs(difference));
    }
    path_.Restart(0, square, largest);
    record_.distance_l2 = path_.LargestL2(0);
    record_.distance_linf = path_.LargestLinf(0);
  }

  // The middle of a stratum of `weight` steps.
  void Sample(double weight, double rate, double count) {
    std::vector<double> gradient(w_.size());
    const double loss =
        problem_.LossAndGradient(w_, absl::MakeSpan(gradient));
    const GradientNoise noise = NoiseAt(problem_, w_);
    record_.mean_gap += weight * (loss - optimum_loss_);
    double l1 = 0.0;
    for (size_t j = 0; j < w_.size(); ++j) {
      const double signal = gradient[j] * gradient[j];
      const double variance = noise.sigma[j] * noise.sigma[j] / count;
      record_.signal[j] += weight * signal;
      record_.noise[j] += weight * variance;
      record_.rate_signal += weight * rate * signal;
      record_.rate_noise += weight * rate * variance;
      l1 += std::fabs(gradient[j]);
    }
    record_.signal_l1 += weight * l1 * l1;
    ++record_.samples;
  }

  // y_i <x_i, w>, in the trainer's order.
  double Margin(int64_t row) const {
    double sums[2] = {0.0, 0.0};
    const uint32_t begin = view_.row_start[row];
    for (uint32_t k = begin; k < view_.row_start[row + 1]; ++k) {
      double& sum = sums[(k - begin) & 1];
      sum = MulAdd(view_.value[k], w_[view_.index[k]], sum);
    }
    const double dot = sums[0] + sums[1];
    return view_.label[row] > 0 ? dot : -dot;
  }

  void Step(const uint32_t* rows, int64_t count, double rate) {
    const double scale = 1.0 / static_cast<double>(count);
    touched_.clear();
    for (int64_t i = 0; i < count; ++i) {
      const int64_t row = rows[i];
      const double z = Margin(row);
      const double factor =
          LogisticResidual(z, ExpNonPositive(-std::fabs(z))) *
          (view_.label[row] > 0 ? -scale : scale);
      for (uint32_t k = view_.row_start[row]; k < view_.row_start[row + 1];
           ++k) {
        const uint32_t j = view_.index[k];
        if (touched_at_[j] != step_) {
          touched_at_[j] = step_;
          touched_.push_back(j);
          gradient_[j] = 0.0;
        }
        gradient_[j] = MulAdd(view_.value[k], factor, gradient_[j]);
      }
    }
    double inner = 0.0, telescoped = 0.0, ratios = 0.0;
    for (const uint32_t j : touched_) {
      const double g = gradient_[j], before = w_[j];
      ExtendSum(j);
      double metric = 1.0;
      if constexpr (Rule::kStates > 0) {
        rule_.Step(rate, g, &states_[j], &w_[j]);
        metric = rule_.Metric(&states_[j]);
        squares_[j] = MulAdd(g, g, squares_[j]);
      } else {
        rule_.template Step<double>(rate, g, nullptr, &w_[j]);
      }
      if (box_ > 0.0) w_[j] = std::min(std::max(w_[j], -box_), box_);
      path_.Move(j, before, w_[j]);
      const double from = before - optimum_[j], to = w_[j] - optimum_[j];
      record_.distance[j] = std::max(record_.distance[j], std::fabs(to));
      inner += g * from;
      telescoped += metric * (before - w_[j]) * (from + to);
      ratios += g * g / metric;
    }
    record_.inner += inner;
    record_.telescoped += telescoped / (2.0 * rate);
    record_.ratios += rate / 2.0 * ratios;
    record_.inverse_batches += scale;
    record_.noise_rates += rate * scale;
  }

  // sum_{s <= step_} w_s of a coordinate that is about to move.
  void ExtendSum(uint32_t j) {
    sum_[j] = ExtendIterateSum(sum_[j], w_[j], averaged_until_[j], step_ + 1);
    averaged_until_[j] = step_ + 1;
  }

  std::vector<double> Average() const {
    std::vector<double> mean(w_.size());
    for (size_t j = 0; j < w_.size(); ++j) {
      mean[j] = ExtendIterateSum(sum_[j], w_[j], averaged_until_[j], step_) /
                static_cast<double>(step_);
    }
    return mean;
  }

  void Finish() {
    const double steps = static_cast<double>(record_.steps);
    for (double* sum :
         {&record_.inner, &record_.telescoped, &record_.ratios,
          &record_.mean_gap, &record_.rate_signal, &record_.rate_noise,
          &record_.signal_l1}) {
      *sum /= steps;
    }
    for (size_t j = 0; j < w_.size(); ++j) {
      record_.signal[j] /= steps;
      record_.noise[j] /= steps;
      if constexpr (Rule::kStates > 0) {
        record_.root_squares[j] = std::sqrt(squares_[j]);
      }
    }
    record_.output_gap = problem_.Loss(Average()) - optimum_loss_;
  }

  const LogisticProblem& problem_;
  CsrView view_;
  const GridTrainerOptions& options_;
  GridPoint point_;
  absl::Span<const double> optimum_;
  double optimum_loss_;
  ScheduleClock clock_;
  Rule rule_;
  bool averaged_;
  double box_ = 0.0;
  int64_t step_ = 0;
  std::vector<double> w_, states_, gradient_, squares_;
  std::vector<double> sum_;
  std::vector<int64_t> averaged_until_, touched_at_;
  std::vector<uint32_t> touched_;
  PathDistances<double> path_;
  PathRecord record_;
};

}  // namespace

absl::StatusOr<PathRecord> ReplayRun(const LogisticProblem& problem,
                                     const GridTrainerOptions& options,
                                     const GridPoint& point,
                                     absl::Span<const double> optimum,
                                     double optimum_loss) {
  RETURN_IF_ERROR(CheckGridOptions(options, problem.dimension()));
  if (options.protocol.projection().kind() == ProjectionSpec::L2_BALL) {
    return absl::InvalidArgumentError(
        "logistic.projection: only a box is replayed");
  }
  const FlushSubnormals flush;
  switch (options.optimizer.rule_case()) {
    case OptimizerSpec::kSgd:
      return Replay<SgdRule<double>>(problem, options, point, optimum,
                                     optimum_loss)
          .Run();
    case OptimizerSpec::kAdagrad:
      return Replay<AdaGradRule<double>>(problem, options, point, optimum,
                                         optimum_loss)
          .Run();
    default:
      return absl::InvalidArgumentError(
          "optimizer: only sgd and adagrad are replayed");
  }
}

}  // namespace anisograd
