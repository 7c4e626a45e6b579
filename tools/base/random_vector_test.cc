#include "tools/base/random_vector.h"

#include "gtest/gtest.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

TEST(Philox4x32Groups, EqualsScalar) {
  RandomStream stream(1, RandomPurpose::kTest);
  for (int trial = 0; trial < 1000; ++trial) {
    const uint64_t key = stream.Next();
    const uint64_t high = stream.Next();
    // Some with a carry across the lower 32 bits.
    const uint64_t low = trial % 4 == 0
                             ? ((stream.Next() << 32) >> 1 | 0xfffffffa)
                             : stream.Next() >> 1;
    uint32_t four[16], eight[32];
    Philox4x32Groups<1>(key, high, low, four);
    Philox4x32Groups<2>(key, high, low, eight);
    for (int i = 0; i < 8; ++i) {
      uint32_t one[4];
      Philox4x32(key, high, low + static_cast<uint64_t>(i), one);
      for (int w = 0; w < 4; ++w) {
        if (i < 4) {
          ASSERT_EQ(four[4 * i + w], one[w]);
        }
        ASSERT_EQ(eight[4 * i + w], one[w]);
      }
    }
  }
}

}  // namespace
}  // namespace anisograd
