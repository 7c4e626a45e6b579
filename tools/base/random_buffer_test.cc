#include "tools/base/random_buffer.h"

#include <cstdint>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/isa_testing.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

class BufferedStream : public IsaTest {};
ANISOGRAD_FOR_EACH_ISA(BufferedStream);

TEST_P(BufferedStream, HasTheNumbersOfThePlainOne) {
  for (const uint64_t seed : {0, 1, 42}) {
    RandomStream plain(seed, RandomPurpose::kTest, 7);
    BufferedRandomStream buffered(seed, RandomPurpose::kTest, 7);
    for (int i = 0; i < 3000; ++i) {
      ASSERT_EQ(buffered.Next(), plain.Next()) << i;
    }
    for (uint64_t n = 1; n < 3000; ++n) {
      ASSERT_EQ(buffered.NextBelow(n), plain.NextBelow(n));
    }
  }
}

TEST_P(BufferedStream, ShufflesAsThePlainOne) {
  std::vector<uint32_t> a(1001), b;
  std::iota(a.begin(), a.end(), 0);
  b = a;
  Shuffle(RandomStream(3, RandomPurpose::kTest), a.data(), a.size());
  Shuffle(BufferedRandomStream(3, RandomPurpose::kTest), b.data(), b.size());
  EXPECT_EQ(a, b);
  EXPECT_NE(a[0], 0);
}

}  // namespace
}  // namespace anisograd
