#include "tools/base/random.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"

namespace anisograd {
namespace {

// Known answers published with the Random123 library (kat_vectors).
TEST(Philox, KnownAnswers) {
  uint32_t out[4];
  Philox4x32(0, 0, 0, out);
  EXPECT_EQ(out[0], 0x6627e8d5u);
  EXPECT_EQ(out[1], 0xe169c58du);
  EXPECT_EQ(out[2], 0xbc57ac4cu);
  EXPECT_EQ(out[3], 0x9b00dbd8u);
  Philox4x32(~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, out);
  EXPECT_EQ(out[0], 0x408f276du);
  EXPECT_EQ(out[1], 0x41c83b0eu);
  EXPECT_EQ(out[2], 0xa20bc7c6u);
  EXPECT_EQ(out[3], 0x6d5451fdu);
  // Digits of pi as counter 243f6a88 85a308d3 13198a2e 03707344 and key
  // a4093822 299f31d0.
  Philox4x32(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88, out);
  EXPECT_EQ(out[0], 0xd16cfe09u);
  EXPECT_EQ(out[1], 0x94fdccebu);
  EXPECT_EQ(out[2], 0x5001e420u);
  EXPECT_EQ(out[3], 0x24126ea1u);
}

TEST(RandomStream, SequentialEqualsByPosition) {
  RandomStream stream(42, RandomPurpose::kTest, 3);
  const RandomStream same(42, RandomPurpose::kTest, 3);
  for (uint64_t i = 0; i < 100; ++i) EXPECT_EQ(stream.Next(), same.At(i)) << i;
}

TEST(RandomStream, StreamsDiffer) {
  const uint64_t x = RandomStream(1, RandomPurpose::kTest, 0).At(0);
  EXPECT_NE(x, RandomStream(2, RandomPurpose::kTest, 0).At(0));
  EXPECT_NE(x, RandomStream(1, RandomPurpose::kShuffle, 0).At(0));
  EXPECT_NE(x, RandomStream(1, RandomPurpose::kTest, 1).At(0));
}

TEST(RandomStream, UniformHasMeanAndVariance) {
  RandomStream stream(7, RandomPurpose::kTest);
  constexpr int kDraws = 100000;
  double sum = 0, sum_of_squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = stream.NextUniform(-1.0, 1.0);
    ASSERT_GE(u, -1.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    sum_of_squares += u * u;
  }
  EXPECT_NEAR(sum / kDraws, 0.0, 5 / std::sqrt(3.0 * kDraws));
  EXPECT_NEAR(sum_of_squares / kDraws, 1.0 / 3.0, 0.01);
}

TEST(Shuffle, IsAPermutationAndUniformInTheFirstPlace) {
  std::vector<int> counts(5);
  for (uint32_t i = 0; i < 10000; ++i) {
    std::vector<int> items(5);
    std::iota(items.begin(), items.end(), 0);
    Shuffle(RandomStream(9, RandomPurpose::kTest, i), items.data(),
            items.size());
    ++counts[items[0]];
    std::sort(items.begin(), items.end());
    for (int k = 0; k < 5; ++k) ASSERT_EQ(items[k], k);
  }
  for (int count : counts) EXPECT_NEAR(count, 2000, 200);
}

}  // namespace
}  // namespace anisograd
