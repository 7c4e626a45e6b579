#include "experiments/logistic/lanes/grid_trainer.h"

#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "experiments/logistic/lanes/grid_testing.h"
#include "experiments/logistic/lanes/plain_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "optim/rules.h"
#include "tools/base/isa.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

// Options whose runs are not chaotic: rules whose steps do not shrink with the
// gradient, or may not, have smaller rates, lest roundings grow to anything.
GridTrainerOptions CalmOptions(const std::string& rule, int64_t batch_size) {
  GridTrainerOptions options = Options(rule, batch_size);
  if (rule == "rmsprop" || rule == "signsgd" ||
      !IsWrittenHere(options.optimizer)) {
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
  const bool put_off = PutsStepsOff(options.optimizer, problem.dimension());
  if (!put_off) {
    options.protocol.set_iterate(LogisticProtocol::AVERAGED);
    ASSERT_OK_AND_ASSIGN(averaged, TrainGrid(problem, options));
  }
  for (size_t i = 0; i < runs.size(); ++i) {
    const Reference expected = TrainPlainly(problem, options, options.grid[i]);
    // These divide by the root of sums that start near zero, or may.
    const double tolerance = rule == "adam" || rule == "rmsprop" ||
                                     !IsWrittenHere(options.optimizer)
                                 ? 1e-7
                                 : 1e-10;
    EXPECT_NEAR(*runs[i].lowest_loss, expected.lowest_loss, tolerance);
    if (put_off) {
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

// 18 points: sixteen or twice eight lanes, and two; all that is measured.
GridTrainerOptions EighteenPoints(const std::string& rule, int64_t batch_size,
                                  const std::vector<double>& optimum) {
  GridTrainerOptions options = Options(rule, batch_size);
  for (GridPoint point : std::vector<GridPoint>(options.grid)) {
    point.learning_rate *= 0.3;
    options.grid.push_back(point);
  }
  options.optima = {optimum};
  options.every_step_distances = true;
  options.evaluations_per_epoch = 3;
  options.keep_best_weights = true;
  return options;
}

void ExpectSameBits(const GridRun& a, const GridRun& b) {
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(a.epoch_mean_loss, b.epoch_mean_loss);
  EXPECT_EQ(a.best_weights, b.best_weights);
  EXPECT_EQ(a.max_distance_l2, b.max_distance_l2);
  EXPECT_EQ(a.max_distance_linf, b.max_distance_linf);
  EXPECT_EQ(a.max_step_distance_l2, b.max_step_distance_l2);
  EXPECT_EQ(a.max_step_distance_linf, b.max_step_distance_linf);
  EXPECT_EQ(a.lowest_loss, b.lowest_loss);
}

// Lanes hold the same bits as one run at a time.
TEST_P(GridTrainer, LanesHaveTheBitsOfOneRunAtATime) {
  const auto [rule, batch_size, values, features] = GetParam();
  const CsrMatrix data = Data(301, features, values);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), true));
  const std::vector<double> origin(problem.dimension(), 0.0);
  GridTrainerOptions options = EighteenPoints(rule, batch_size, origin);
  ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> lanes,
                       TrainGrid(problem, options));
  options.one_lane = true;
  ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> single,
                       TrainGrid(problem, options));
  for (size_t i = 0; i < lanes.size(); ++i) {
    // Lazy Adam stops replaying when no lane moves any more, so its powers of
    // beta differ in the last bits.
    if (PutsStepsOff(options.optimizer, problem.dimension())) {
      EXPECT_NEAR(lanes[i].loss.back(), single[i].loss.back(), 1e-12);
      continue;
    }
    ExpectSameBits(lanes[i], single[i]);
  }
}

// Adam's steps that are put off among them.
TEST_P(GridTrainer, EveryInstructionSetHasTheSameBits) {
  const auto [rule, batch_size, values, features] = GetParam();
  const CsrMatrix data = Data(301, features, values);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), true));
  const std::vector<double> origin(problem.dimension(), 0.0);
  const GridTrainerOptions options = EighteenPoints(rule, batch_size, origin);
  std::vector<GridRun> first;
  for (const Isa isa : AvailableIsas()) {
    UseIsa(isa);
    ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> runs,
                         TrainGrid(problem, options));
    if (first.empty()) first = runs;
    for (size_t i = 0; i < runs.size(); ++i) ExpectSameBits(runs[i], first[i]);
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
