#include "gtest/gtest.h"
#include "tools/base/isa_testing.h"
#include "tools/base/random.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tools/base/random_vector_test.cc"
#include "hwy/foreach_target.h"
#include "tools/base/random_vector.h"

HWY_BEFORE_NAMESPACE();
namespace anisograd {
namespace HWY_NAMESPACE {

// Returns how many words there are.
template <int kGroups>
int64_t Words(uint64_t key, uint64_t high, uint64_t low, uint32_t* words) {
  namespace hn = hwy::HWY_NAMESPACE;
  hn::Vec<PhiloxWords> out[2 * kGroups];
  PhiloxVectors<kGroups>(key, high, low, out);
  for (int i = 0; i < 2 * kGroups; ++i) {
    hn::StoreU(out[i], PhiloxWords(), words + i * (HWY_MAX_BYTES / 4));
  }
  return kPhiloxWords<kGroups>;
}

}  // namespace HWY_NAMESPACE
}  // namespace anisograd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace anisograd {
namespace {

class PhiloxVectors : public IsaTest {};
ANISOGRAD_FOR_EACH_ISA(PhiloxVectors);

TEST_P(PhiloxVectors, EqualScalarCalls) {
  RandomStream stream(1, RandomPurpose::kTest);
  for (int trial = 0; trial < 1000; ++trial) {
    const uint64_t key = stream.Next();
    const uint64_t high = stream.Next();
    // Some with a carry across the lower 32 bits.
    const uint64_t low = trial % 4 == 0
                             ? ((stream.Next() << 32) >> 1 | 0xfffffffa)
                             : stream.Next() >> 1;
    for (const auto words_of :
         {ANISOGRAD_FOR_ISA(Words<1>), ANISOGRAD_FOR_ISA(Words<2>)}) {
      uint32_t words[128];
      const int64_t n = words_of(key, high, low, words);
      ASSERT_GE(n, 16);
      for (int64_t i = 0; i < n / 4; ++i) {
        uint32_t one[4];
        Philox4x32(key, high, low + static_cast<uint64_t>(i), one);
        for (int w = 0; w < 4; ++w) ASSERT_EQ(words[4 * i + w], one[w]);
      }
    }
  }
}

}  // namespace
}  // namespace anisograd
#endif  // HWY_ONCE
