#include "experiments/logistic/lanes/run_recorder.h"

#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

class RunRecorderTest : public testing::Test {
 protected:
  RunRecorderTest() : origin_(1, 0.0) {
    options_.optima = {origin_};
    options_.protocol.mutable_explosion()->set_max_sample_loss(18);
  }
  // Four rows, two samples an epoch.
  EpochMeasurement Measure(int epoch, double loss_sum) const {
    EpochMeasurement measured;
    measured.epoch = epoch;
    measured.loss_sum = loss_sum;
    measured.drawn_loss_sum = 3.0;
    measured.samples = 2;
    measured.steps = 10 * epoch;
    return measured;
  }

  std::vector<double> origin_;
  GridTrainerOptions options_;
  GridRun run_;
};

TEST_F(RunRecorderTest, KeepsTheSeriesAndTheBestEpoch) {
  const RunRecorder recorder(options_, 4);
  recorder.Start(&run_);
  // w_0 is no epoch, however low its loss.
  EXPECT_FALSE(recorder.RecordEpoch(Measure(0, 0.4), &run_));
  EXPECT_TRUE(recorder.RecordEpoch(Measure(1, 8.0), &run_));
  EXPECT_TRUE(recorder.RecordEpoch(Measure(2, 4.0), &run_));
  EXPECT_FALSE(recorder.RecordEpoch(Measure(3, 4.0), &run_));
  EXPECT_THAT(run_.loss, ElementsAre(0.1, 2.0, 1.0, 1.0));
  EXPECT_THAT(run_.epoch_mean_loss, ElementsAre(1.5, 1.5, 1.5));
  EXPECT_EQ(run_.best_loss, 1.0);
  EXPECT_EQ(run_.best_epoch, 2);
  EXPECT_FALSE(run_.exploded);
}

TEST_F(RunRecorderTest, KeepsTheLargestDistance) {
  const RunRecorder recorder(options_, 4);
  recorder.Start(&run_);
  for (const double distance : {1.0, 3.0, kNaN, 2.0}) {
    RunRecorder::RecordDistance(0, distance, distance / 2, &run_);
  }
  EXPECT_THAT(run_.max_distance_l2, ElementsAre(3.0));
  EXPECT_THAT(run_.max_distance_linf, ElementsAre(1.5));
}

TEST_F(RunRecorderTest, TheFirstExplosionCounts) {
  const RunRecorder recorder(options_, 4);
  recorder.Start(&run_);
  EpochMeasurement measured = Measure(1, kInfinity);
  measured.explosion_step = 7;
  EXPECT_FALSE(recorder.RecordEpoch(measured, &run_));
  EXPECT_TRUE(run_.exploded);
  EXPECT_EQ(run_.explosion_step, 7);
  EXPECT_THAT(run_.explosion_reason, HasSubstr("exceeded 18"));
  measured.explosion_step = 9;
  recorder.RecordEpoch(measured, &run_);
  EXPECT_EQ(run_.explosion_step, 7);
  EXPECT_EQ(run_.best_epoch, 0);
  EXPECT_EQ(run_.best_loss, kInfinity);
}

// The loss of one step was not a number, and the run came back.
TEST_F(RunRecorderTest, AMeanThatIsNotFiniteIsAnExplosion) {
  options_.protocol.clear_explosion();
  const RunRecorder recorder(options_, 4);
  recorder.Start(&run_);
  recorder.RecordEpoch(Measure(0, 2.8), &run_);
  EpochMeasurement measured = Measure(1, 1.0);
  measured.drawn_loss_sum = kNaN;
  recorder.RecordEpoch(measured, &run_);
  EXPECT_TRUE(run_.exploded);
  EXPECT_EQ(run_.explosion_step, 10);
  EXPECT_THAT(run_.explosion_reason, HasSubstr("not finite"));
}

TEST_F(RunRecorderTest, WithoutAnExplosionRuleTheGeneralOneHolds) {
  for (const bool general : {false, true}) {
    if (general) options_.protocol.clear_explosion();
    const RunRecorder recorder(options_, 4);
    GridRun run;
    recorder.Start(&run);
    recorder.RecordEpoch(Measure(0, 2.8), &run);
    // The mean of a first epoch may be large, its end may not.
    recorder.RecordEpoch(Measure(1, 2.0), &run);
    EXPECT_FALSE(run.exploded);
    recorder.RecordEpoch(Measure(2, 3.2), &run);
    EXPECT_EQ(run.exploded, general);
    if (general) {
      EXPECT_EQ(run.explosion_step, 20);
    }
  }
}

TEST_F(RunRecorderTest, KeepsTheLowestEvaluation) {
  const RunRecorder recorder(options_, 4);
  recorder.Start(&run_);
  EXPECT_FALSE(run_.lowest_loss.has_value());
  for (const double sum : {kNaN, 4.0, 2.0, kNaN, 3.0}) {
    recorder.RecordEvaluation(sum, &run_);
  }
  EXPECT_EQ(*run_.lowest_loss, 0.5);
}

TEST_F(RunRecorderTest, ALossThatIsNotFiniteIsAnExplosion) {
  const RunRecorder recorder(options_, 4);
  recorder.Start(&run_);
  recorder.RecordEpoch(Measure(1, 1.0), &run_);
  recorder.RecordEpoch(Measure(2, kNaN), &run_);
  EXPECT_TRUE(run_.exploded);
  EXPECT_EQ(run_.explosion_step, 20);
  EXPECT_THAT(run_.explosion_reason, HasSubstr("not finite"));
}

}  // namespace
}  // namespace anisograd
