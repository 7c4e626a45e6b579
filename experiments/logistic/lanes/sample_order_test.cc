#include "experiments/logistic/lanes/sample_order.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

GridTrainerOptions Options(LogisticProtocol::LastBatch last_batch) {
  GridTrainerOptions options;
  options.batch_size = 4;
  options.seed = 3;
  options.protocol.set_epochs(5);
  options.protocol.set_sampling(LogisticProtocol::SHUFFLE_EACH_EPOCH);
  options.protocol.set_last_batch(last_batch);
  return options;
}

TEST(SampleOrder, IsAPermutationOfItsOwnInEveryEpoch) {
  const GridTrainerOptions options = Options(LogisticProtocol::KEEP);
  std::vector<uint32_t> first, second, sorted;
  DrawSampleOrder(options, 11, 0, &first);
  DrawSampleOrder(options, 11, 1, &second);
  EXPECT_NE(first, second);
  sorted = second;
  std::sort(sorted.begin(), sorted.end());
  std::vector<uint32_t> all(11);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(sorted, all);
}

TEST(SampleOrder, DropsWhatMakesNoWholeBatch) {
  GridTrainerOptions options = Options(LogisticProtocol::DROP);
  std::vector<uint32_t> dropped, kept;
  DrawSampleOrder(options, 11, 0, &dropped);
  EXPECT_EQ(dropped.size(), 8u);
  EXPECT_EQ(SamplesPerEpoch(options, 11), 8);
  options.protocol.set_last_batch(LogisticProtocol::KEEP);
  DrawSampleOrder(options, 11, 0, &kept);
  EXPECT_TRUE(std::equal(dropped.begin(), dropped.end(), kept.begin()));
  // Rows that do not fill one batch are not dropped.
  options.protocol.set_last_batch(LogisticProtocol::DROP);
  EXPECT_EQ(SamplesPerEpoch(options, 3), 3);
}

TEST(SampleOrder, DrawsWithReplacement) {
  GridTrainerOptions options = Options(LogisticProtocol::KEEP);
  options.protocol.set_sampling(LogisticProtocol::WITH_REPLACEMENT);
  std::vector<uint32_t> order;
  DrawSampleOrder(options, 100, 0, &order);
  ASSERT_EQ(order.size(), 100u);
  EXPECT_THAT(order, testing::Each(testing::Lt(100u)));
  std::sort(order.begin(), order.end());
  EXPECT_NE(std::adjacent_find(order.begin(), order.end()), order.end());
}

// 11 rows in batches of 4: 3 steps an epoch, 15 in all.
TEST(ScheduleClock, TicksPerStepOrPerEpoch) {
  GridTrainerOptions options = Options(LogisticProtocol::KEEP);
  ScheduleSpec root;
  root.set_kind(ScheduleSpec::INVERSE_SQUARE_ROOT);
  options.protocol.set_schedule_clock(LogisticProtocol::PER_ITERATION);
  const ScheduleClock steps(options, 11);
  EXPECT_EQ(steps.steps_per_epoch(), 3);
  EXPECT_EQ(steps.total_steps(options.protocol), 15);
  EXPECT_EQ(steps.Factor(root, 8), 1.0 / 3);
  options.protocol.set_schedule_clock(LogisticProtocol::PER_EPOCH);
  const ScheduleClock epochs(options, 11);
  EXPECT_EQ(epochs.Factor(root, 2), 1.0);
  EXPECT_EQ(epochs.Factor(root, 9), 0.5);
  // The cosine's end is that of the clock.
  ScheduleSpec cosine;
  cosine.set_kind(ScheduleSpec::COSINE);
  EXPECT_EQ(steps.Factor(cosine, 15), 0.0);
  EXPECT_EQ(epochs.Factor(cosine, 15), 0.0);
  EXPECT_GT(epochs.Factor(cosine, 14), 0.0);
}

TEST(InitialWeights, LieInTheirRangeAndDependOnTheSeed) {
  const std::vector<double> one = InitialWeights(1, 0.05, 1000);
  EXPECT_THAT(one, testing::Each(testing::AllOf(testing::Ge(-0.05),
                                                testing::Lt(0.05))));
  EXPECT_GT(*std::max_element(one.begin(), one.end()), 0.04);
  EXPECT_NE(one, InitialWeights(2, 0.05, 1000));
}

}  // namespace
}  // namespace anisograd
