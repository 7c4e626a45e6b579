#include "analysis/theory/exponential_tail.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "analysis/gradient_noise.h"
#include "analysis/gram.h"
#include "analysis/least_diagonal.h"
#include "analysis/theory/adagrad_bound.h"
#include "analysis/top_eigenvalue.h"
#include "data/synthetic.h"
#include "experiments/logistic/lanes/grid_trainer.h"
#include "optim/rules.h"
#include "tools/base/status_macros.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

constexpr double kRadius = 1.0;
constexpr int kSeeds = 3;
// Of the least diagonal; its L is feasible however few.
constexpr double kMixingBudget = 1e9;
constexpr int kOptimumIterations = 2000;

// sum_{j = 1}^d e^{-x j}.
double GeometricSum(double x, int64_t d) {
  const double e = ExpNonPositive(-x);
  return e * (1.0 - ExpNonPositive(-x * static_cast<double>(d))) / (1.0 - e);
}

// The least f on W, by accelerated projected gradient in the metric of a
// feasible L, started afresh where f rises (O'Donoghue and Candes 2015). `gap` is
// max_{z in W} <grad f(w), w - z> >= f(w) - min over W.
struct BoxOptimum {
  double loss = 0.0;
  double gap = 0.0;
};
BoxOptimum SolveOnBox(const LogisticProblem& problem,
                      absl::Span<const double> smoothness) {
  const size_t d = smoothness.size();
  std::vector<double> w(d, 0.0), v(d, 0.0), gradient(d), next(d);
  double momentum = 1.0, last = problem.Loss(w);
  for (int i = 0; i < kOptimumIterations; ++i) {
    problem.LossAndGradient(v, absl::MakeSpan(gradient));
    for (size_t j = 0; j < d; ++j) {
      const double step = smoothness[j] > 0.0 ? gradient[j] / smoothness[j] : 0;
      next[j] = std::min(std::max(v[j] - step, -kRadius), kRadius);
    }
    const double loss = problem.Loss(next);
    if (loss > last) {
      // A plain step from w cannot rise.
      if (momentum == 1.0) break;
      momentum = 1.0;
      v = w;
      continue;
    }
    const double grown = (1 + std::sqrt(1 + 4 * momentum * momentum)) / 2;
    for (size_t j = 0; j < d; ++j) {
      v[j] = next[j] + (momentum - 1) / grown * (next[j] - w[j]);
    }
    momentum = grown;
    w.swap(next);
    last = loss;
  }
  BoxOptimum optimum;
  optimum.loss = problem.LossAndGradient(w, absl::MakeSpan(gradient));
  for (size_t j = 0; j < d; ++j) {
    optimum.gap += gradient[j] * w[j] + kRadius * std::fabs(gradient[j]);
  }
  return optimum;
}

// The lowest mean over seeds of f at the average iterate, over sixteen rates
// `middle` 2^k, k = -10 .. 5.
struct BestRate {
  double loss = 0.0;
  double rate = 0.0;
  bool at_edge = false;
};
absl::StatusOr<BestRate> Train(const LogisticProblem& problem,
                               const std::string& rule, double middle,
                               int64_t batch_size, const TailOptions& tail) {
  GridTrainerOptions options;
  options.optimizer = UsualRule(rule);
  for (int k = -10; k <= 5; ++k) {
    GridPoint point;
    point.learning_rate = std::ldexp(middle, k);
    point.schedule.set_kind(ScheduleSpec::CONSTANT);
    options.grid.push_back(point);
  }
  options.batch_size = batch_size;
  LogisticProtocol& protocol = options.protocol;
  protocol.set_epochs(tail.epochs);
  protocol.set_initial_radius(0.01);
  protocol.set_sampling(LogisticProtocol::WITH_REPLACEMENT);
  protocol.set_last_batch(LogisticProtocol::DROP);
  protocol.set_schedule_clock(LogisticProtocol::PER_ITERATION);
  protocol.set_iterate(LogisticProtocol::AVERAGED);
  protocol.mutable_projection()->set_kind(ProjectionSpec::BOX);
  protocol.mutable_projection()->set_radius(kRadius);
  std::vector<double> loss(options.grid.size(), 0.0);
  for (int seed = 0; seed < kSeeds; ++seed) {
    options.seed = tail.seed + static_cast<uint64_t>(seed);
    ASSIGN_OR_RETURN(const std::vector<GridRun> runs,
                     TrainGrid(problem, options));
    for (size_t i = 0; i < runs.size(); ++i) {
      loss[i] += runs[i].loss.back() / kSeeds;
    }
  }
  const size_t best = std::min_element(loss.begin(), loss.end()) - loss.begin();
  return BestRate{loss[best], options.grid[best].learning_rate,
                  best == 0 || best + 1 == loss.size()};
}

// What does not depend on d but through the coordinates that are kept.
struct KeptTail {
  int64_t coordinates = 0;
  double noise_l1 = 0.0;
  double noise_l2 = 0.0;
  double trace = 0.0;
  TailRecord record;
};
absl::StatusOr<KeptTail> ComputeKept(const TailOptions& options,
                                     int64_t coordinates) {
  const CsrMatrix data = GenerateExponentialTail(options.rows, coordinates,
                                                 options.tau, options.seed);
  ASSIGN_OR_RETURN(const LogisticProblem problem,
                   LogisticProblem::Create(data.view(), false));
  const Gram gram(problem.view());
  LeastDiagonalOptions mixing;
  mixing.budget = kMixingBudget;
  const LeastDiagonal least = ComputeLeastDiagonal(gram, mixing);
  const double linf = ComputeTopEigenvalue(gram).upper;
  const GradientNoise noise =
      NoiseAt(problem, std::vector<double>(coordinates, 0.0));

  KeptTail kept;
  kept.coordinates = coordinates;
  kept.noise_l1 = noise.l1();
  kept.noise_l2 = noise.l2();
  kept.trace = gram.Trace();
  TailRecord& record = kept.record;
  record.set_rows(options.rows);
  record.set_tau(options.tau);
  record.set_smoothness_l1_valid(least.sum);
  record.set_smoothness_linf(linf);

  std::vector<double> smoothness(least.diagonal.begin(), least.diagonal.end());
  for (double& l : smoothness) l /= 4.0;
  const BoxOptimum optimum = SolveOnBox(problem, smoothness);
  record.set_optimum(optimum.loss);
  record.set_optimum_gap(optimum.gap);
  for (const int64_t m : {options.small_batch, options.large_batch}) {
    ASSIGN_OR_RETURN(const BestRate sgd,
                     Train(problem, "sgd", 4.0 / linf, m, options));
    ASSIGN_OR_RETURN(
        const BestRate adagrad,
        Train(problem, "adagrad", BestAdaGradRate(2.0 * kRadius), m, options));
    TailDuel& duel = *record.add_duel();
    duel.set_batch_size(m);
    duel.set_steps(options.rows / m * options.epochs);
    duel.set_sgd(sgd.loss);
    duel.set_adagrad(adagrad.loss);
    duel.set_sgd_rate(sgd.rate);
    duel.set_adagrad_rate(adagrad.rate);
    duel.set_at_edge(sgd.at_edge || adagrad.at_edge);
  }
  return kept;
}

}  // namespace

double ClosedR1(double tau, int64_t features) {
  return GeometricSum(tau / 2, features) /
         std::sqrt(static_cast<double>(features) * GeometricSum(tau, features));
}

double ClosedR2(double tau, int64_t features) {
  return GeometricSum(tau, features) /
         (static_cast<double>(features) * ExpNonPositive(-tau));
}

absl::StatusOr<std::vector<TailRecord>> ComputeTails(
    const TailOptions& options, absl::Span<const int64_t> features) {
  if (options.large_batch > options.rows || options.small_batch <= 0 ||
      options.large_batch <= 0 || options.epochs <= 0) {
    return absl::InvalidArgumentError(
        "rows, epochs, batches: must be positive, batches at most rows");
  }
  std::vector<TailRecord> records;
  KeptTail kept;
  for (const int64_t d : features) {
    if (d <= 0 || !(options.tau > 1.0 / static_cast<double>(d))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "tau: must be above 1 / features, got ", options.tau, " for ", d));
    }
    const int64_t coordinates = std::min(
        d, static_cast<int64_t>(std::ceil(92.0 / options.tau)));
    if (kept.coordinates != coordinates) {
      ASSIGN_OR_RETURN(kept, ComputeKept(options, coordinates));
    }
    TailRecord record = kept.record;
    const double dimension = static_cast<double>(d);
    const double linf = record.smoothness_linf();
    record.set_features(d);
    record.set_r1_closed(ClosedR1(options.tau, d));
    record.set_r2_closed(ClosedR2(options.tau, d));
    record.set_r1(kept.noise_l1 / (std::sqrt(dimension) * kept.noise_l2));
    record.set_r2_trace(kept.trace / (dimension * linf));
    record.set_r2_valid(record.smoothness_l1_valid() / (dimension * linf));
    records.push_back(record);
  }
  return records;
}

}  // namespace anisograd
