#include "experiments/logistic/lanes/grid_run.h"

#include <string>
#include <vector>

#include "experiments/logistic/lanes/grid_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

std::string Refusal(const GridTrainerOptions& options, int64_t dimension) {
  return std::string(CheckGridOptions(options, dimension).message());
}

TEST(ExpandGrid, RatesOuterSchedulesInner) {
  Grid grid;
  grid.add_learning_rate(1.0);
  grid.add_learning_rate(0.1);
  grid.add_schedule()->set_kind(ScheduleSpec::CONSTANT);
  grid.add_schedule()->set_kind(ScheduleSpec::COSINE);
  const std::vector<GridPoint> points = ExpandGrid(grid);
  ASSERT_EQ(points.size(), 4u);
  EXPECT_EQ(points[1].learning_rate, 1.0);
  EXPECT_EQ(points[1].schedule.kind(), ScheduleSpec::COSINE);
  EXPECT_EQ(points[2].learning_rate, 0.1);
  EXPECT_EQ(points[2].schedule.kind(), ScheduleSpec::CONSTANT);
}

TEST(CheckGridOptions, UsualOptionsAreValid) {
  for (const std::string& rule : RuleNames()) {
    EXPECT_OK(CheckGridOptions(Options(rule, 1), 5000)) << rule;
  }
}

TEST(CheckGridOptions, BadOptimizer) {
  EXPECT_THAT(Refusal(Options("none", 1), 10), HasSubstr("optimizer"));
}

TEST(CheckGridOptions, BadBatchSize) {
  EXPECT_THAT(Refusal(Options("sgd", 0), 10), HasSubstr("batch_size"));
}

TEST(CheckGridOptions, BadProjection) {
  GridTrainerOptions options = Options("sgd", 1);
  ProjectionSpec* projection = options.protocol.mutable_projection();
  // Coordinates of w_0 are up to 0.05.
  projection->set_kind(ProjectionSpec::BOX);
  projection->set_radius(0.05);
  EXPECT_OK(CheckGridOptions(options, 100));
  projection->set_radius(0.04);
  EXPECT_THAT(Refusal(options, 100), HasSubstr("logistic.projection.radius"));
  projection->set_kind(ProjectionSpec::L2_BALL);
  projection->set_radius(0.5);
  EXPECT_OK(CheckGridOptions(options, 100));
  EXPECT_THAT(Refusal(options, 101), HasSubstr("logistic.projection.radius"));
}

TEST(CheckGridOptions, PutOffStepsHaveNeitherAveragesNorProjections) {
  GridTrainerOptions options = Options("adam", 1);
  options.protocol.set_iterate(LogisticProtocol::AVERAGED);
  EXPECT_OK(CheckGridOptions(options, 1024));
  EXPECT_THAT(Refusal(options, 1025), HasSubstr("1024 dimensions"));
  options.protocol.set_iterate(LogisticProtocol::CURRENT);
  options.protocol.mutable_projection()->set_kind(ProjectionSpec::BOX);
  options.protocol.mutable_projection()->set_radius(1);
  EXPECT_THAT(Refusal(options, 1025), HasSubstr("1024 dimensions"));
  for (const std::string& rule : RuleNames()) {
    options.optimizer = UsualRule(rule);
    EXPECT_EQ(CheckGridOptions(options, 1025).ok(),
              RuleAtRest(options.optimizer) != AtRest::kAllMove)
        << rule;
  }
}

TEST(CheckGridOptions, PutOffStepsNeedUpdatesThatFall) {
  GridTrainerOptions options = Options("adam", 1);
  options.optimizer.mutable_adam()->set_beta2(0.81);
  EXPECT_OK(CheckGridOptions(options, 1024));
  EXPECT_THAT(Refusal(options, 1025), HasSubstr("optimizer.adam.beta1"));
  options.optimizer.mutable_adam()->set_beta2(0.82);
  EXPECT_OK(CheckGridOptions(options, 1025));
  options.grid[0].schedule.set_kind(ScheduleSpec::COSINE);
  options.grid[0].schedule.set_warmup_steps(3);
  EXPECT_OK(CheckGridOptions(options, 1024));
  EXPECT_THAT(Refusal(options, 1025), HasSubstr("warmup_steps"));
}

// Two rows of three non-zeros in six dimensions: a batch of two can touch all.
TEST(TouchesMostCoordinates, FromTheMeanNumberOfNonZeros) {
  CsrMatrix data;
  data.features = 6;
  data.row_start = {0, 3, 6};
  data.index = {0, 1, 2, 3, 4, 5};
  data.value.assign(6, 1.0);
  data.label = {1, -1};
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), false));
  EXPECT_FALSE(TouchesMostCoordinates(problem, 1));
  EXPECT_TRUE(TouchesMostCoordinates(problem, 2));
}

}  // namespace
}  // namespace anisograd
