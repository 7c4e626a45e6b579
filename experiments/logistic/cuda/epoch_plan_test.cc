#include "experiments/logistic/cuda/epoch_plan.h"

#include <utility>
#include <vector>

#include "experiments/logistic/lanes/sample_order.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;

// `sizes` non-zeros a row, columns and values at random.
CsrMatrix RandomRows(const std::vector<int>& sizes, int features) {
  RandomStream stream(1, RandomPurpose::kTest);
  CsrMatrix data;
  data.features = features;
  data.row_start = {0};
  for (const int size : sizes) {
    int missing = size;
    for (int j = 0; j < features && missing > 0; ++j) {
      if (features - j > missing && stream.NextUniform() > 0.4) continue;
      data.index.push_back(static_cast<uint32_t>(j));
      data.value.push_back(stream.NextUniform(-1, 1));
      --missing;
    }
    data.row_start.push_back(static_cast<uint32_t>(data.index.size()));
    data.label.push_back(1);
  }
  return data;
}

GridTrainerOptions Options(int64_t batch_size) {
  GridTrainerOptions options;
  options.batch_size = batch_size;
  options.seed = 4;
  options.protocol.set_sampling(LogisticProtocol::SHUFFLE_EACH_EPOCH);
  return options;
}

// Rows {0, 2}, {1, 2}, {0}, each at its own place in the order, two a batch.
TEST(EpochPlan, SlotsInTheOrderOfFirstTouchEntriesInTheOrderOfSamples) {
  CsrMatrix data;
  data.features = 3;
  data.row_start = {0, 2, 4, 5};
  data.index = {0, 2, 1, 2, 0};
  data.value = {10, 12, 21, 22, 30};
  data.label = {1, -1, 1};
  // A seed whose first order is 1, 0, 2.
  GridTrainerOptions options = Options(2);
  std::vector<uint32_t> order;
  for (options.seed = 0; order != std::vector<uint32_t>({1, 0, 2});
       ++options.seed) {
    DrawSampleOrder(options, 3, 0, &order);
  }
  --options.seed;
  EpochPlan plan;
  ASSERT_OK(BuildEpochPlan(data.view(), options, 0, false, &plan));
  EXPECT_THAT(plan.order, ElementsAre(1, 0, 2));
  EXPECT_THAT(plan.batch_start, ElementsAre(0, 3, 4));
  EXPECT_THAT(plan.coordinate, ElementsAre(1, 2, 0, 0));
  EXPECT_THAT(plan.entry_start, ElementsAre(0, 1, 3, 4, 5));
  EXPECT_THAT(plan.sample, ElementsAre(0, 0, 1, 1, 0));
  EXPECT_THAT(plan.value, ElementsAre(21, 22, 12, 10, 30));
}

// Whatever the batch size, a batch's slots hold each of its non-zeros once.
TEST(EpochPlan, TransposesEveryBatch) {
  const CsrMatrix data = RandomRows({3, 0, 7, 1, 5, 5, 2, 9, 4, 6, 0}, 12);
  EpochPlan plan;  // used again
  for (const int64_t batch_size : {2, 3, 11, 100}) {
    const GridTrainerOptions options = Options(batch_size);
    ASSERT_OK(BuildEpochPlan(data.view(), options, 2, false, &plan));
    const size_t batches =
        (plan.order.size() + batch_size - 1) / static_cast<size_t>(batch_size);
    ASSERT_EQ(plan.batch_start.size(), batches + 1);
    std::vector<std::vector<double>> dense(
        plan.order.size(), std::vector<double>(12, 0.0));
    for (size_t b = 0; b < batches; ++b) {
      std::vector<uint32_t> seen;
      for (uint32_t s = plan.batch_start[b]; s < plan.batch_start[b + 1]; ++s) {
        EXPECT_THAT(seen, testing::Not(testing::Contains(plan.coordinate[s])));
        seen.push_back(plan.coordinate[s]);
        ASSERT_LT(plan.entry_start[s], plan.entry_start[s + 1]);
        for (uint32_t e = plan.entry_start[s]; e < plan.entry_start[s + 1];
             ++e) {
          dense[b * batch_size + plan.sample[e]][plan.coordinate[s]] +=
              plan.value[e];
        }
      }
    }
    for (size_t p = 0; p < plan.order.size(); ++p) {
      std::vector<double> expected(12, 0.0);
      const uint32_t row = plan.order[p];
      for (uint32_t k = data.row_start[row]; k < data.row_start[row + 1]; ++k) {
        expected[data.index[k]] = data.value[k];
      }
      EXPECT_EQ(dense[p], expected) << p;
    }
  }
}

TEST(EpochPlan, BinaryDataHaveNoValues) {
  const CsrMatrix data = RandomRows({3, 2}, 5);
  EpochPlan plan;
  ASSERT_OK(BuildEpochPlan(data.view(), Options(2), 0, true, &plan));
  EXPECT_TRUE(plan.value.empty());
  EXPECT_EQ(plan.sample.size(), 5u);
}

TEST(EpochPlan, ChunksHoldWholeRowsAndFitIfTheyCan) {
  std::vector<int> sizes(200, 3);
  for (const int long_row : {10, 50, 51}) sizes[long_row] = 1100;
  for (const int row : {20, 60, 61, 62}) sizes[row] = 600;
  const CsrMatrix data = RandomRows(sizes, 1200);
  EpochPlan plan;
  ASSERT_OK(BuildEpochPlan(data.view(), Options(1), 0, false, &plan));
  EXPECT_TRUE(plan.sample.empty());
  ASSERT_EQ(plan.chunk_start.front(), 0u);
  ASSERT_EQ(plan.chunk_start.back(), 200u);
  for (size_t c = 0; c + 1 < plan.chunk_start.size(); ++c) {
    const uint32_t begin = plan.chunk_start[c], end = plan.chunk_start[c + 1];
    ASSERT_LT(begin, end);
    EXPECT_LE(end - begin, uint32_t{kChunkRows});
    uint32_t entries = 0;
    for (uint32_t p = begin; p < end; ++p) {
      EXPECT_EQ(plan.chunk_offset[p], entries);
      entries += static_cast<uint32_t>(sizes[plan.order[p]]);
    }
    EXPECT_TRUE(entries <= kChunkEntries || end == begin + 1) << entries;
    // The next row would not have fitted.
    if (end < 200) {
      EXPECT_TRUE(end - begin == kChunkRows ||
                  entries + sizes[plan.order[end]] > kChunkEntries);
    }
  }
}

}  // namespace
}  // namespace anisograd
