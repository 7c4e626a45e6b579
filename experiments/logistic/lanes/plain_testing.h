#ifndef EXPERIMENTS_LOGISTIC_LANES_PLAIN_TESTING_H_
#define EXPERIMENTS_LOGISTIC_LANES_PLAIN_TESTING_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <vector>

#include "absl/types/span.h"
#include "experiments/logistic/lanes/grid_run.h"
#include "experiments/logistic/lanes/sample_order.h"
#include "experiments/logistic/problem/problem.h"
#include "gtest/gtest.h"
#include "optim/optimizer.h"
#include "optim/projection.h"
#include "optim/rules.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

// What tests hold trainers of grids to: the algorithms, one run, one step after
// the other, with no thought for speed.

namespace anisograd {

// The dense step of optim/optimizer.h, and H of Option I.
class DenseStep {
 public:
  DenseStep(const OptimizerSpec& spec, int64_t size)
      : spec_(spec), optimizer_(MakeOptimizer<double>(spec, size).value()) {}

  void operator()(double rate, const std::vector<double>& g,
                  std::vector<double>* w, std::vector<double>* scale) {
    EXPECT_OK(WithRule(spec_.rule_case(), [&](auto tag) {
      using Rule = RuleOf<decltype(tag), double>;
      Rule rule(spec_);
      if constexpr (Rule::kClock > 0) {
        const absl::Span<double> clock = optimizer_->State()[0].values;
        std::vector<double> before(clock.begin(), clock.end());
        rule.Advance(before.data());
      }
      optimizer_->Step(rate, g, absl::MakeSpan(*w));
      if constexpr (!Rule::kEuclidean) {
        const auto state = optimizer_->State();
        const size_t first = state.size() - Rule::kStates;
        for (size_t j = 0; j < w->size(); ++j) {
          double states[Rule::kStates + 1];
          for (size_t s = 0; s < Rule::kStates; ++s) {
            states[s] = state[first + s].values[j];
          }
          (*scale)[j] = rule.Metric(states);
        }
      }
      return absl::OkStatus();
    }));
  }

 private:
  OptimizerSpec spec_;
  std::unique_ptr<Optimizer<double>> optimizer_;
};

// Rules whose formula TrainPlainly has; the others take their dense step there.
inline bool IsWrittenHere(const OptimizerSpec& spec) {
  return spec.has_sgd() || spec.has_adagrad() || spec.has_adagrad_norm() ||
         spec.has_adam() || spec.has_rmsprop() || spec.has_signsgd();
}

// Algorithms 1 to 3 and Adam as they are written, dense, one run.
struct Reference {
  std::vector<double> loss;
  std::vector<double> average_loss;
  // Over every step, to options.optima[0].
  double max_distance_l2 = 0.0;
  double max_distance_linf = 0.0;
  // Over options.evaluations_per_epoch evaluations an epoch.
  double lowest_loss = std::numeric_limits<double>::infinity();

  void Measure(const std::vector<double>& w,
               absl::Span<const absl::Span<const double>> optima) {
    if (optima.empty()) return;
    const absl::Span<const double> optimum = optima[0];
    double square = 0.0;
    for (size_t j = 0; j < w.size(); ++j) {
      square += (w[j] - optimum[j]) * (w[j] - optimum[j]);
      max_distance_linf =
          std::max(max_distance_linf, std::fabs(w[j] - optimum[j]));
    }
    max_distance_l2 = std::max(max_distance_l2, std::sqrt(square));
  }
};

inline Reference TrainPlainly(const LogisticProblem& problem,
                              const GridTrainerOptions& options,
                              const GridPoint& point) {
  const CsrView& view = problem.view();
  const int64_t d = problem.dimension(), n = problem.rows();
  const int64_t m = options.batch_size;
  std::vector<double> w =
      InitialWeights(options.seed, options.protocol.initial_radius(), d);
  std::vector<double> v(d, 0.0), first(d, 0.0), mean(d, 0.0);
  // Lambda_t of Option I.
  std::vector<double> scale(d, 1.0);
  double b_squared = 1e-20;
  DenseStep dense_step(options.optimizer, d);
  Reference out;
  out.loss.push_back(problem.Loss(w));
  out.average_loss.push_back(out.loss[0]);
  out.Measure(w, options.optima);
  const int64_t steps_per_epoch = (n + m - 1) / m;
  const int64_t total = steps_per_epoch * options.protocol.epochs();
  int64_t t = 0;
  for (int epoch = 0; epoch < options.protocol.epochs(); ++epoch) {
    std::vector<uint32_t> order(n);
    std::iota(order.begin(), order.end(), 0);
    Shuffle(RandomStream(options.seed, RandomPurpose::kShuffle,
                         static_cast<uint32_t>(epoch)),
            order.data(), order.size());
    for (int64_t start = 0; start < n; start += m) {
      const int64_t count = std::min(m, n - start);
      std::vector<double> g(d, 0.0);
      for (int64_t s = start; s < start + count; ++s) {
        const int64_t i = order[s];
        double z = 0.0;
        for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
          z += view.label[i] * view.value[k] * w[view.index[k]];
        }
        for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
          g[view.index[k]] -= view.label[i] * view.value[k] /
                              (1.0 + std::exp(z)) / static_cast<double>(count);
        }
      }
      double rate = point.learning_rate;
      if (point.schedule.kind() == ScheduleSpec::INVERSE_SQUARE_ROOT) {
        rate /= std::sqrt(static_cast<double>(t + 1));
      } else if (point.schedule.kind() == ScheduleSpec::COSINE) {
        rate *= 0.5 * (1.0 + std::cos(M_PI * static_cast<double>(t) /
                                      static_cast<double>(total)));
      }
      for (const double x : g) b_squared += x * x;
      for (int64_t j = 0; j < d; ++j) {
        mean[j] += (w[j] - mean[j]) / static_cast<double>(t + 1);
      }
      const bool written = IsWrittenHere(options.optimizer);
      if (!written) dense_step(rate, g, &w, &scale);
      for (int64_t j = 0; written && j < d; ++j) {
        if (options.optimizer.has_sgd()) {
          w[j] -= rate * g[j];
        } else if (options.optimizer.has_adagrad()) {
          v[j] += g[j] * g[j];
          scale[j] = std::sqrt(v[j]) + 1e-10;
          w[j] -= rate * g[j] / scale[j];
        } else if (options.optimizer.has_adagrad_norm()) {
          w[j] -= rate / std::sqrt(b_squared) * g[j];
        } else if (options.optimizer.has_rmsprop()) {
          v[j] = 0.99 * v[j] + 0.01 * g[j] * g[j];
          scale[j] = std::sqrt(v[j]) + 1e-8;
          w[j] -= rate * g[j] / scale[j];
        } else if (options.optimizer.has_signsgd()) {
          w[j] -= rate * static_cast<double>((g[j] > 0.0) - (g[j] < 0.0));
        } else {
          first[j] = 0.9 * first[j] + 0.1 * g[j];
          v[j] = 0.999 * v[j] + 0.001 * g[j] * g[j];
          const double td = static_cast<double>(t + 1);
          scale[j] = std::sqrt(v[j] / (1 - std::pow(0.999, td))) + 1e-8;
          w[j] -= rate * (first[j] / (1 - std::pow(0.9, td))) / scale[j];
        }
      }
      EXPECT_OK(ProjectWeighted(options.protocol.projection(), scale,
                                absl::MakeSpan(w)));
      ++t;
      out.Measure(w, options.optima);
      // Step s of S makes the evaluations k with s = ceil(k S / K).
      const int64_t s = start / m + 1, k = options.evaluations_per_epoch;
      for (int64_t i = 1; i <= k; ++i) {
        if (s == (i * steps_per_epoch + k - 1) / k) {
          out.lowest_loss = std::min(out.lowest_loss, problem.Loss(w));
        }
      }
    }
    out.loss.push_back(problem.Loss(w));
    out.average_loss.push_back(problem.Loss(mean));
  }
  return out;
}

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_PLAIN_TESTING_H_
