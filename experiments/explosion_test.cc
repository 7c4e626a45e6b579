#include "experiments/explosion.h"

#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string Reason(const std::vector<double>& loss,
                   const std::vector<double>& mean, bool general) {
  return std::string(ExplosionOfLastEpoch(loss, mean, general));
}

Run MakeRun(const std::vector<double>& loss, const std::vector<double>& mean) {
  Run run;
  run.mutable_loss()->Add(loss.begin(), loss.end());
  run.mutable_epoch_mean_loss()->Add(mean.begin(), mean.end());
  return run;
}

TEST(ExplosionOfLastEpoch, ALossThatIsNotFiniteIsOneUnderEveryRule) {
  for (const bool general : {false, true}) {
    EXPECT_THAT(Reason({0.7, kInfinity}, {0.5}, general),
                HasSubstr("not finite"));
    EXPECT_THAT(Reason({0.7, 0.5}, {kNaN}, general), HasSubstr("not finite"));
    EXPECT_EQ(Reason({0.7, 0.5}, {0.6}, general), "");
    EXPECT_EQ(Reason({kInfinity}, {}, general), "") << "no epoch yet";
  }
}

TEST(ExplosionOfLastEpoch, WorseThanNotTrainingIsOneByTheGeneralRule) {
  EXPECT_EQ(Reason({0.6, 0.693}, {0.6}, true), "");
  EXPECT_THAT(Reason({0.6, 0.694}, {0.6}, true), HasSubstr("the loss exceeded"));
  EXPECT_EQ(Reason({0.6, 0.694}, {0.6}, false), "");
  // A start above log 2 raises the limit.
  EXPECT_EQ(Reason({0.9, 0.89}, {0.6}, true), "");
  EXPECT_THAT(Reason({0.9, 0.91}, {0.6}, true), HasSubstr("the loss exceeded"));
}

TEST(ExplosionOfLastEpoch, MeansCountFromTheSecondEpoch) {
  EXPECT_EQ(Reason({0.6, 0.5}, {2.0}, true), "");
  EXPECT_EQ(Reason({0.6, 0.5, 0.4}, {2.0, 0.5}, true), "");
  EXPECT_THAT(Reason({0.6, 0.5, 0.4}, {2.0, 0.7}, true),
              HasSubstr("mean loss exceeded"));
}

TEST(ExplodedByGeneralRule, LooksAtEveryEpoch) {
  EXPECT_FALSE(ExplodedByGeneralRule(MakeRun({0.6, 0.5, 0.4}, {2.0, 0.5})));
  // Diverges and comes back.
  EXPECT_TRUE(
      ExplodedByGeneralRule(MakeRun({0.6, 0.5, 0.8, 0.4}, {0.6, 0.5, 0.5})));
  EXPECT_TRUE(
      ExplodedByGeneralRule(MakeRun({0.6, 0.5, 0.5, 0.4}, {0.6, 0.8, 0.5})));
  EXPECT_TRUE(
      ExplodedByGeneralRule(MakeRun({0.6, 0.5, 0.4}, {kNaN, 0.5})));
}

}  // namespace
}  // namespace anisograd
