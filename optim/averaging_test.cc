#include "optim/averaging.h"

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;

TEST(IterateAverage, OfThree) {
  IterateAverage<double> average(2);
  EXPECT_THAT(average.Average(), ElementsAre(0, 0));
  average.Add({1, 2});
  average.Add({3, 4});
  average.Add({5, 12});
  EXPECT_THAT(average.Average(), ElementsAre(3, 6));
}

// Coordinates that move now and then: the lazy sum is the dense one.
TEST(ExtendIterateSum, EqualsTheDenseSum) {
  RandomStream stream(1, RandomPurpose::kTest);
  constexpr int kSize = 20, kSteps = 1000;
  std::vector<double> w(kSize, 1.0), sum(kSize, 0.0);
  std::vector<int64_t> until(kSize, 0);
  IterateAverage<double> dense(kSize);
  for (int64_t t = 0; t < kSteps; ++t) {
    dense.Add(w);
    for (int j = 0; j < kSize; ++j) {
      if (stream.NextUniform() > 0.02 * j) continue;
      sum[j] = ExtendIterateSum(sum[j], w[j], until[j], t + 1);
      until[j] = t + 1;
      w[j] = stream.NextUniform(-1, 1);
    }
  }
  const std::vector<double> expected = dense.Average();
  for (int j = 0; j < kSize; ++j) {
    EXPECT_NEAR(ExtendIterateSum(sum[j], w[j], until[j], kSteps) / kSteps,
                expected[j], 1e-12);
  }
}

}  // namespace
}  // namespace anisograd
