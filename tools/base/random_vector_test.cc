#include "tools/base/random_vector.h"

#include "gtest/gtest.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

TEST(Philox4x32Four, EqualsScalar) {
  RandomStream stream(1, RandomPurpose::kTest);
  for (int trial = 0; trial < 1000; ++trial) {
    const uint64_t key = stream.Next();
    const uint64_t high = stream.Next();
    // Some with a carry across the lower 32 bits.
    const uint64_t low = trial % 4 == 0
                             ? ((stream.Next() << 32) >> 1 | 0xfffffffe)
                             : stream.Next() >> 1;
    uint32_t four[16];
    Philox4x32Four(key, high, low, four);
    for (int i = 0; i < 4; ++i) {
      uint32_t one[4];
      Philox4x32(key, high, low + static_cast<uint64_t>(i), one);
      for (int w = 0; w < 4; ++w) ASSERT_EQ(four[4 * i + w], one[w]);
    }
  }
}

}  // namespace
}  // namespace anisograd
