#include "experiments/logistic/lanes/grid_trainer.h"

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
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

// Algorithms 1 to 3 and Adam as they are written, dense, one run.
struct Reference {
  std::vector<double> loss;
  std::vector<double> average_loss;
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
  double b_squared = 1e-20;
  Reference out;
  out.loss.push_back(problem.Loss(w));
  out.average_loss.push_back(out.loss[0]);
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
          w[j] -= rate * g[j] / (std::sqrt(v[j]) + 1e-10);
        } else if (options.optimizer.has_adagrad_norm()) {
          w[j] -= rate / std::sqrt(b_squared) * g[j];
        } else {
          first[j] = 0.9 * first[j] + 0.1 * g[j];
          v[j] = 0.999 * v[j] + 0.001 * g[j] * g[j];
          const double td = static_cast<double>(t + 1);
          w[j] -= rate * (first[j] / (1 - std::pow(0.9, td))) /
                  (std::sqrt(v[j] / (1 - std::pow(0.999, td))) + 1e-8);
        }
      }
      ++t;
    }
    out.loss.push_back(problem.Loss(w));
    out.average_loss.push_back(problem.Loss(mean));
  }
  return out;
}

using Case = std::tuple<std::string, int64_t, SyntheticSpec::Values, int64_t>;

class GridTrainer : public testing::TestWithParam<Case> {};

TEST_P(GridTrainer, DoesWhatTheAlgorithmsSay) {
  const auto [rule, batch_size, values, features] = GetParam();
  const CsrMatrix data = Data(301, features, values);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), true));
  GridTrainerOptions options = Options(rule, batch_size);
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
    ASSERT_EQ(runs[i].loss.size(), 4u);
    for (size_t e = 0; e < 4; ++e) {
      // Adam divides by the root of sums that start near zero.
      const double tolerance = rule == "adam" ? 1e-7 : 1e-10;
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
  options.optima = {origin};
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
  }
}

INSTANTIATE_TEST_SUITE_P(
    RulesBatchSizesAndData, GridTrainer,
    testing::Combine(testing::Values("sgd", "adagrad", "adagrad_norm", "adam"),
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
  for (const char* rule : {"sgd", "adagrad", "adagrad_norm", "adam"}) {
    GridTrainerOptions options = Options(rule, 1);
    options.optima = {origin};
    options.protocol.mutable_projection()->set_kind(ProjectionSpec::BOX);
    options.protocol.mutable_projection()->set_radius(0.25);
    ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> runs,
                         TrainGrid(problem, options));
    EXPECT_EQ(runs[0].max_distance_linf[0], 0.25) << rule;
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

TEST(GridTrainerProtocol, RefusesWhatLanesCannotRun) {
  const CsrMatrix data = Data(50, 60, SyntheticSpec::BINARY);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), true));
  GridTrainerOptions options = Options("sgd", 1);
  options.protocol.mutable_projection()->set_kind(ProjectionSpec::L2_BALL);
  options.protocol.mutable_projection()->set_radius(1);
  EXPECT_THAT(std::string(TrainGrid(problem, options).status().message()),
              HasSubstr("logistic.projection.kind"));
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
