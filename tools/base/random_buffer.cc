#include "tools/base/random_buffer.h"

#include "tools/base/isa.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tools/base/random_buffer.cc"
#include "hwy/foreach_target.h"
#include "tools/base/random_vector.h"

HWY_BEFORE_NAMESPACE();
namespace anisograd {
namespace HWY_NAMESPACE {
namespace {

// The words of `count` counters from `counter` on; a number is two of them, the
// lower one first, as they lie in memory.
void FillNumbers(uint64_t key, uint64_t counter_hi, uint64_t counter,
                 int64_t count, uint64_t* numbers) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<uint64_t> d;
  constexpr int64_t kCounters = kPhiloxWords<2> / 4;
  constexpr int64_t kPerVector = HWY_MAX_BYTES / 8;
  hn::Vec<PhiloxWords> words[4];
  for (int64_t i = 0; i < count; i += kCounters) {
    PhiloxVectors<2>(key, counter_hi, counter + static_cast<uint64_t>(i),
                     words);
    for (int v = 0; v < 4; ++v) {
      hn::StoreU(hn::BitCast(d, words[v]), d, numbers + 2 * i + v * kPerVector);
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace anisograd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace anisograd {

void BufferedRandomStream::Fill() {
  ANISOGRAD_FOR_ISA(FillNumbers)
  (stream_.key(), stream_.counter_hi(), counter_, kNumbers / 2, numbers_);
  counter_ += kNumbers / 2;
  used_ = 0;
}

}  // namespace anisograd
#endif  // HWY_ONCE
