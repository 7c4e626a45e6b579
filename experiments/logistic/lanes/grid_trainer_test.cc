#include "experiments/logistic/lanes/grid_trainer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "experiments/logistic/lanes/grid_testing.h"
#include "experiments/logistic/lanes/sample_order.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "optim/projection.h"
#include "optim/rules.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

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

Reference TrainPlainly(const LogisticProblem& problem,
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
          EXPECT_TRUE(options.optimizer.has_adam());
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

// Options whose runs are not chaotic: rules whose steps do not shrink with the
// gradient have smaller rates, lest roundings grow to anything.
GridTrainerOptions CalmOptions(const std::string& rule, int64_t batch_size) {
  GridTrainerOptions options = Options(rule, batch_size);
  if (rule == "rmsprop" || rule == "signsgd") {
    for (GridPoint& point : options.grid) point.learning_rate *= 0.01;
  }
  return options;
}

using Case = std::tuple<std::string, int64_t, SyntheticSpec::Values, int64_t>;

class GridTrainer : public testing::TestWithParam<Case> {};

TEST_P(GridTrainer, DoesWhatTheAlgorithmsSay) {
  const auto [rule, batch_size, values, features] = GetParam();
  const CsrMatrix data = Data(301, features, values);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), true));
  const std::vector<double> optimum(problem.dimension(), 0.25);
  GridTrainerOptions options = CalmOptions(rule, batch_size);
  options.optima = {optimum};
  options.every_step_distances = true;
  options.evaluations_per_epoch = 5;
  ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> runs,
                       TrainGrid(problem, options));
  ASSERT_EQ(runs.size(), 9u);
  std::vector<GridRun> averaged;
  if (!(rule == "adam" && features > 1024)) {
    options.protocol.set_iterate(LogisticProtocol::AVERAGED);
    ASSERT_OK_AND_ASSIGN(averaged, TrainGrid(problem, options));
  }
  for (size_t i = 0; i < runs.size(); ++i) {
    const Reference expected = TrainPlainly(problem, options, options.grid[i]);
    // These divide by the root of sums that start near zero.
    const double tolerance =
        rule == "adam" || rule == "rmsprop" ? 1e-7 : 1e-10;
    EXPECT_NEAR(*runs[i].lowest_loss, expected.lowest_loss, tolerance);
    if (rule == "adam" && features > 1024) {
      EXPECT_TRUE(runs[i].max_step_distance_l2.empty());
    } else {
      // Of w_t with either iterate.
      for (const GridRun& run : {runs[i], averaged[i]}) {
        EXPECT_NEAR(run.max_step_distance_l2[0], expected.max_distance_l2,
                    10 * tolerance);
        EXPECT_NEAR(run.max_step_distance_linf[0], expected.max_distance_linf,
                    10 * tolerance);
        EXPECT_LE(run.max_distance_l2[0],
                  run.max_step_distance_l2[0] + tolerance);
      }
    }
    ASSERT_EQ(runs[i].loss.size(), 4u);
    for (size_t e = 0; e < 4; ++e) {
      EXPECT_NEAR(runs[i].loss[e], expected.loss[e], tolerance) << i;
      if (!averaged.empty()) {
        EXPECT_NEAR(averaged[i].loss[e], expected.average_loss[e], tolerance)
            << i;
      }
    }
  }
}

// Lanes hold the same bits as one run at a time.
TEST_P(GridTrainer, LanesHaveTheBitsOfOneRunAtATime) {
  const auto [rule, batch_size, values, features] = GetParam();
  const CsrMatrix data = Data(301, features, values);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), true));
  const std::vector<double> origin(problem.dimension(), 0.0);
  GridTrainerOptions options = Options(rule, batch_size);
  // 18 points: sixteen or twice eight lanes, and two.
  for (GridPoint point : std::vector<GridPoint>(options.grid)) {
    point.learning_rate *= 0.3;
    options.grid.push_back(point);
  }
  options.optima = {origin};
  options.every_step_distances = true;
  options.evaluations_per_epoch = 3;
  options.keep_best_weights = true;
  ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> lanes,
                       TrainGrid(problem, options));
  options.one_lane = true;
  ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> single,
                       TrainGrid(problem, options));
  for (size_t i = 0; i < lanes.size(); ++i) {
    // Lazy Adam stops replaying when no lane moves any more, so its powers of
    // beta differ in the last bits.
    if (rule == "adam" && features > 1024) {
      EXPECT_NEAR(lanes[i].loss.back(), single[i].loss.back(), 1e-12);
      continue;
    }
    EXPECT_EQ(lanes[i].loss, single[i].loss);
    EXPECT_EQ(lanes[i].epoch_mean_loss, single[i].epoch_mean_loss);
    EXPECT_EQ(lanes[i].best_weights, single[i].best_weights);
    EXPECT_EQ(lanes[i].max_distance_l2, single[i].max_distance_l2);
    EXPECT_EQ(lanes[i].max_distance_linf, single[i].max_distance_linf);
    EXPECT_EQ(lanes[i].max_step_distance_l2, single[i].max_step_distance_l2);
    EXPECT_EQ(lanes[i].max_step_distance_linf,
              single[i].max_step_distance_linf);
    EXPECT_EQ(lanes[i].lowest_loss, single[i].lowest_loss);
  }
}

INSTANTIATE_TEST_SUITE_P(
    RulesBatchSizesAndData, GridTrainer,
    testing::Combine(testing::ValuesIn(RuleNames()),
                     testing::Values(1, 4, 64, 1024),
                     testing::Values(SyntheticSpec::BINARY,
                                     SyntheticSpec::UNIT_NORM),
                     testing::Values(60, 2000)),
    [](const testing::TestParamInfo<Case>& info) {
      return absl::StrCat(std::get<0>(info.param), "_m",
                          std::get<1>(info.param),
                          std::get<2>(info.param) == SyntheticSpec::BINARY
                              ? "_binary_"
                              : "_unit_norm_",
                          std::get<3>(info.param));
    });

TEST(GridTrainerExplosion, IsNotedAtItsStep) {
  const CsrMatrix data = OppositeRows();
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), false));
  GridTrainerOptions options = Options("sgd", 1);
  options.protocol.set_initial_radius(0);
  options.protocol.mutable_explosion()->set_max_sample_loss(18);
  ScheduleSpec constant;
  constant.set_kind(ScheduleSpec::CONSTANT);
  options.grid = {{40.0, constant}, {1.0, constant}};
  ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> runs,
                       TrainGrid(problem, options));
  EXPECT_TRUE(runs[0].exploded);
  EXPECT_EQ(runs[0].explosion_step, 1);
  EXPECT_THAT(runs[0].explosion_reason, HasSubstr("exceeded 18"));
  EXPECT_FALSE(runs[1].exploded);
  // The loss of an exploded run is recorded all the same.
  EXPECT_EQ(runs[0].loss.size(), 4u);
}

TEST(GridTrainerExplosion, ALossThatIsNotFiniteIsOne) {
  const CsrMatrix data = Data(50, 60, SyntheticSpec::UNIT_NORM);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), true));
  GridTrainerOptions options = Options("sgd", 1);
  ScheduleSpec constant;
  constant.set_kind(ScheduleSpec::CONSTANT);
  options.grid = {{std::numeric_limits<double>::max(), constant}, {0.1, constant}};
  ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> runs,
                       TrainGrid(problem, options));
  EXPECT_TRUE(runs[0].exploded);
  EXPECT_THAT(runs[0].explosion_reason, HasSubstr("not finite"));
  EXPECT_FALSE(runs[1].exploded);
}

TEST(GridTrainerProjection, KeepsTheBox) {
  const CsrMatrix data = Data(200, 60, SyntheticSpec::BINARY);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), true));
  const std::vector<double> origin(problem.dimension(), 0.0);
  for (const std::string& rule : RuleNames()) {
    GridTrainerOptions options = Options(rule, 1);
    options.optima = {origin};
    options.protocol.mutable_projection()->set_kind(ProjectionSpec::BOX);
    options.protocol.mutable_projection()->set_radius(0.25);
    ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> runs,
                         TrainGrid(problem, options));
    EXPECT_EQ(runs[0].max_distance_linf[0], 0.25) << rule;
  }
}

// Option I as it is written, for both sets and every rule, with the averaged
// iterate, in batches of one and of four. Rate 1 leaves either set at once.
TEST(GridTrainerProjection, DoesWhatTheAlgorithmsSay) {
  const CsrMatrix data = Data(101, 60, SyntheticSpec::UNIT_NORM);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), true));
  const std::vector<double> origin(problem.dimension(), 0.0);
  for (const std::string& rule : RuleNames()) {
    for (const auto kind : {ProjectionSpec::BOX, ProjectionSpec::L2_BALL}) {
      for (const int64_t batch_size : {1, 4}) {
        SCOPED_TRACE(absl::StrCat(rule, " ", ProjectionSpec::Kind_Name(kind),
                                  " M=", batch_size));
        GridTrainerOptions options = Options(rule, batch_size);
        options.grid.resize(3);
        options.optima = {origin};
        options.protocol.mutable_projection()->set_kind(kind);
        options.protocol.mutable_projection()->set_radius(0.5);
        for (const auto iterate :
             {LogisticProtocol::CURRENT, LogisticProtocol::AVERAGED}) {
          options.protocol.set_iterate(iterate);
          ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> runs,
                               TrainGrid(problem, options));
          for (size_t i = 0; i < runs.size(); ++i) {
            const Reference expected =
                TrainPlainly(problem, options, options.grid[i]);
            for (size_t e = 0; e < 4; ++e) {
              EXPECT_NEAR(runs[i].loss[e],
                          iterate == LogisticProtocol::CURRENT
                              ? expected.loss[e]
                              : expected.average_loss[e],
                          1e-7)
                  << i;
            }
          }
          if (iterate == LogisticProtocol::CURRENT) {
            EXPECT_NEAR(kind == ProjectionSpec::BOX
                            ? runs[0].max_distance_linf[0]
                            : runs[0].max_distance_l2[0],
                        0.5, 1e-12);
          }
          options.one_lane = true;
          ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> single,
                               TrainGrid(problem, options));
          options.one_lane = false;
          for (size_t i = 0; i < runs.size(); ++i) {
            EXPECT_EQ(runs[i].loss, single[i].loss);
            EXPECT_EQ(runs[i].max_distance_l2, single[i].max_distance_l2);
          }
        }
      }
    }
  }
}

TEST(GridTrainerProtocol, SamplingWithReplacementAndDroppedBatches) {
  const CsrMatrix data = Data(101, 60, SyntheticSpec::BINARY);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), true));
  GridTrainerOptions options = Options("sgd", 10);
  ASSERT_OK_AND_ASSIGN(const auto shuffled, TrainGrid(problem, options));
  options.protocol.set_last_batch(LogisticProtocol::DROP);
  ASSERT_OK_AND_ASSIGN(const auto dropped, TrainGrid(problem, options));
  EXPECT_NE(shuffled[0].loss, dropped[0].loss);
  options.protocol.set_sampling(LogisticProtocol::WITH_REPLACEMENT);
  ASSERT_OK_AND_ASSIGN(const auto replaced, TrainGrid(problem, options));
  EXPECT_NE(dropped[0].loss, replaced[0].loss);
  options.protocol.set_schedule_clock(LogisticProtocol::PER_EPOCH);
  ASSERT_OK_AND_ASSIGN(const auto per_epoch, TrainGrid(problem, options));
  // Grid point 0 is constant, point 1 the inverse square root.
  EXPECT_EQ(per_epoch[0].loss, replaced[0].loss);
  EXPECT_NE(per_epoch[1].loss, replaced[1].loss);
}

// What is measured between epoch ends changes no run.
TEST(GridTrainerProtocol, MeasuringMoreChangesNothingElse) {
  const CsrMatrix data = Data(101, 60, SyntheticSpec::BINARY);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), true));
  const std::vector<double> origin(problem.dimension(), 0.0);
  for (const int64_t batch_size : {1, 10}) {
    GridTrainerOptions options = Options("adagrad", batch_size);
    options.optima = {origin};
    options.keep_best_weights = true;
    ASSERT_OK_AND_ASSIGN(const auto less, TrainGrid(problem, options));
    options.every_step_distances = true;
    options.evaluations_per_epoch = 7;
    ASSERT_OK_AND_ASSIGN(const auto more, TrainGrid(problem, options));
    for (size_t i = 0; i < less.size(); ++i) {
      EXPECT_EQ(less[i].loss, more[i].loss);
      EXPECT_EQ(less[i].epoch_mean_loss, more[i].epoch_mean_loss);
      EXPECT_EQ(less[i].best_weights, more[i].best_weights);
      EXPECT_EQ(less[i].max_distance_l2, more[i].max_distance_l2);
      EXPECT_LE(*more[i].lowest_loss, more[i].best_loss);
      EXPECT_FALSE(less[i].lowest_loss.has_value());
      EXPECT_TRUE(less[i].max_step_distance_l2.empty());
    }
  }
}

// A row without non-zeros has the loss log 2 and no gradient, wherever it is.
TEST(GridTrainerProtocol, EmptyRowsMoveNothing) {
  CsrMatrix data;
  data.features = 1;
  data.index = {0};
  data.value = {1};
  data.label.assign(20, 1);
  data.row_start.assign(21, 1);
  data.row_start[0] = 0;
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), false));
  GridTrainerOptions options = Options("sgd", 1);
  options.protocol.set_initial_radius(0);
  options.protocol.set_epochs(1);
  ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> runs,
                       TrainGrid(problem, options));
  // Rate 1: w = 1/2.
  EXPECT_NEAR(runs[0].loss[1],
              (19 * std::log(2.0) + std::log1p(std::exp(-0.5))) / 20, 1e-15);
}

TEST(GridTrainerProtocol, RefusesAStartOutsideOfW) {
  const CsrMatrix data = Data(50, 60, SyntheticSpec::BINARY);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), true));
  GridTrainerOptions options = Options("sgd", 1);
  options.protocol.mutable_projection()->set_kind(ProjectionSpec::BOX);
  options.protocol.mutable_projection()->set_radius(0.01);
  EXPECT_THAT(std::string(TrainGrid(problem, options).status().message()),
              HasSubstr("logistic.projection.radius"));
}

// While it trains, and not afterwards.
TEST(TrainGrid, TakesSubnormalNumbersForZero) {
  const CsrMatrix data = OppositeRows();
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), false));
  volatile double small = 1e-160;
  int epochs = 0;
  GridTrainerOptions options = Options("adam", 1);
  options.progress = [&](int) {
    ++epochs;
    EXPECT_EQ(small * small, 0.0);
  };
  ASSERT_OK(TrainGrid(problem, options).status());
  EXPECT_GT(epochs, 0);
  EXPECT_GT(small * small, 0.0);
}

}  // namespace
}  // namespace anisograd
