#ifndef TOOLS_BASE_RANDOM_BUFFER_H_
#define TOOLS_BASE_RANDOM_BUFFER_H_

#include <cstdint>

#include "tools/base/random.h"

namespace anisograd {

// The numbers of RandomStream(seed, purpose, index), in order, many of them made
// at once in vectors: for those who draw thousands.
class BufferedRandomStream {
 public:
  BufferedRandomStream(uint64_t seed, RandomPurpose purpose, uint32_t index = 0)
      : stream_(seed, purpose, index) {}

  uint64_t Next() {
    if (used_ == kNumbers) Fill();
    return numbers_[used_++];
  }

  // As RandomStream's.
  uint64_t NextBelow(uint64_t n) { return ScaleBelow(Next(), n); }

 private:
  static constexpr int64_t kNumbers = 512;

  void Fill();

  RandomStream stream_;
  uint64_t counter_ = 0;
  int64_t used_ = kNumbers;
  uint64_t numbers_[kNumbers];
};

}  // namespace anisograd

#endif  // TOOLS_BASE_RANDOM_BUFFER_H_
