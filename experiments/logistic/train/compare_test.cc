#include "experiments/logistic/train/compare.h"

#include <cmath>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

ExperimentResult Result() {
  ExperimentResult result;
  result.set_spec_digest("cell");
  result.mutable_dataset()->set_digest("data");
  anisograd::Run* run = result.add_run();
  for (const double loss : {2.0, 1.0, kNaN, kInfinity}) run->add_loss(loss);
  run->add_epoch_mean_loss(4.0);
  run->set_best_loss(1.0);
  run->add_max_distance_l2(10.0);
  run->add_max_distance_linf(5.0);
  run->set_outcome(anisograd::Run::CONVERGED);
  result.mutable_selected()->set_learning_rate(0.1);
  return result;
}

TEST(CompareResults, TheSameDoesNotDiffer) {
  ASSERT_OK_AND_ASSIGN(const ResultDifferences same,
                       CompareResults(Result(), Result()));
  EXPECT_EQ(same.loss, 0.0);
  EXPECT_EQ(same.distance, 0.0);
  EXPECT_EQ(same.outcomes, 0);
  EXPECT_FALSE(same.selection);
}

TEST(CompareResults, SeesEveryNumber) {
  ExperimentResult other = Result();
  other.mutable_run(0)->set_loss(0, 2.0 * (1 + 1e-3));
  EXPECT_NEAR(CompareResults(Result(), other)->loss, 1e-3, 1e-12);
  other = Result();
  other.mutable_run(0)->set_epoch_mean_loss(0, 4.0 * (1 - 1e-6));
  EXPECT_NEAR(CompareResults(Result(), other)->loss, 1e-6, 1e-12);
  other = Result();
  other.mutable_run(0)->set_best_loss(1.5);
  EXPECT_EQ(CompareResults(Result(), other)->loss, 0.5);
  other = Result();
  other.mutable_run(0)->set_loss(2, 1.0);
  EXPECT_EQ(CompareResults(Result(), other)->loss, kInfinity);
  other = Result();
  other.mutable_run(0)->add_loss(1.0);
  EXPECT_EQ(CompareResults(Result(), other)->loss, kInfinity);
  other = Result();
  other.mutable_run(0)->set_max_distance_linf(0, 10.0);
  EXPECT_EQ(CompareResults(Result(), other)->distance, 1.0);
  EXPECT_EQ(CompareResults(Result(), other)->loss, 0.0);
}

// With distance_steps EVERY_STEP these are Table 2's.
TEST(CompareResults, SeesWhatAGpuDoesNotMeasureWhereBothHaveIt) {
  ExperimentResult one = Result();
  one.mutable_run(0)->add_max_step_distance_l2(8.0);
  one.mutable_run(0)->add_max_step_distance_linf(4.0);
  one.mutable_run(0)->set_lowest_loss(1.0);
  EXPECT_EQ(CompareResults(one, Result())->distance, 0.0);
  EXPECT_EQ(CompareResults(Result(), one)->loss, 0.0);
  ExperimentResult other = one;
  other.mutable_run(0)->set_max_step_distance_l2(0, 10.0);
  EXPECT_EQ(CompareResults(one, other)->distance, 0.25);
  other = one;
  other.mutable_run(0)->set_max_step_distance_linf(0, 6.0);
  EXPECT_EQ(CompareResults(one, other)->distance, 0.5);
  other = one;
  other.mutable_run(0)->add_max_step_distance_linf(6.0);
  EXPECT_EQ(CompareResults(one, other)->distance, kInfinity);
  other = one;
  other.mutable_run(0)->set_lowest_loss(1.125);
  EXPECT_EQ(CompareResults(one, other)->loss, 0.125);
}

TEST(CompareResults, TellsExplodedRunsApart) {
  ExperimentResult one = Result();
  one.mutable_run(0)->set_outcome(anisograd::Run::EXPLODED);
  ExperimentResult other = one;
  other.mutable_run(0)->set_loss(0, 3.0);
  other.mutable_run(0)->set_max_distance_l2(0, 12.0);
  ASSERT_OK_AND_ASSIGN(const ResultDifferences differences,
                       CompareResults(one, other));
  EXPECT_EQ(differences.loss, 0.0);
  EXPECT_EQ(differences.distance, 0.0);
  EXPECT_EQ(differences.exploded, 0.5);
  EXPECT_EQ(differences.outcomes, 0);
}

TEST(CompareResults, SeesOutcomesAndTheSelection) {
  ExperimentResult other = Result();
  other.mutable_run(0)->set_explosion_step(3);
  other.mutable_selected()->set_learning_rate(1.0);
  ASSERT_OK_AND_ASSIGN(const ResultDifferences differences,
                       CompareResults(Result(), other));
  EXPECT_EQ(differences.outcomes, 1);
  EXPECT_TRUE(differences.selection);
  other = Result();
  other.mutable_selected()->mutable_schedule()->set_warmup_steps(3);
  EXPECT_TRUE(CompareResults(Result(), other)->selection);
  other = Result();
  other.clear_selected();
  EXPECT_TRUE(CompareResults(Result(), other)->selection);
}

TEST(CompareResults, RefusesOtherCellsAndData) {
  ExperimentResult other = Result();
  other.set_spec_digest("another");
  EXPECT_THAT(std::string(CompareResults(Result(), other).status().message()),
              HasSubstr("spec_digest"));
  other = Result();
  other.mutable_dataset()->set_digest("others");
  EXPECT_THAT(std::string(CompareResults(Result(), other).status().message()),
              HasSubstr("dataset.digest"));
  other = Result();
  other.add_run();
  EXPECT_THAT(std::string(CompareResults(Result(), other).status().message()),
              HasSubstr("run"));
}

}  // namespace
}  // namespace anisograd
