#ifndef TOOLS_BASE_RANDOM_H_
#define TOOLS_BASE_RANDOM_H_

#include <cstdint>

#include "tools/base/host_device.h"

namespace anisograd {

// a * b.
ANISOGRAD_HOST_DEVICE inline uint64_t WideProduct(uint32_t a, uint32_t b) {
#ifdef __CUDA_ARCH__
  // One instruction. From the line below nvcc makes products of 64-bit numbers,
  // a mask before and a shift after each.
  uint64_t product;
  asm("mul.wide.u32 %0, %1, %2;" : "=l"(product) : "r"(a), "r"(b));
  return product;
#else
  return uint64_t{a} * b;
#endif
}

// Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2,
// 3" (SC 2011): a bijection of a 128-bit counter under a 64-bit key. Random
// numbers are a pure function of (key, counter), so they do not depend on the
// order in which they are drawn, on threads, or on the device.
ANISOGRAD_HOST_DEVICE inline void Philox4x32(uint64_t key, uint64_t counter_hi,
                                             uint64_t counter_lo,
                                             uint32_t out[4]) {
  uint32_t k0 = static_cast<uint32_t>(key);
  uint32_t k1 = static_cast<uint32_t>(key >> 32);
  uint32_t c0 = static_cast<uint32_t>(counter_lo);
  uint32_t c1 = static_cast<uint32_t>(counter_lo >> 32);
  uint32_t c2 = static_cast<uint32_t>(counter_hi);
  uint32_t c3 = static_cast<uint32_t>(counter_hi >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = WideProduct(0xD2511F53, c0);
    const uint64_t p1 = WideProduct(0xCD9E8D57, c2);
    c0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<uint32_t>(p1);
    c2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<uint32_t>(p0);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

// What a stream of random numbers is for. Streams of one seed never overlap.
enum class RandomPurpose : uint32_t {
  kInitialWeights = 1,
  kShuffle = 2,
  kSampling = 3,
  kSyntheticData = 4,
  kDropout = 5,
  kNearbyPoints = 6,
  kTest = 7,
  kEstimates = 8,
};

// Uniform in {0, ..., n - 1} from 64 random bits, for 0 < n: a 128-bit product; the
// bias is below n / 2^64.
inline uint64_t ScaleBelow(uint64_t bits, uint64_t n) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(bits) * n) >>
                               64);
}

// Numbers of one stream, by position: (seed, purpose, index) names the stream.
// `index` is free for the user (an epoch, a layer, a row).
class RandomStream {
 public:
  RandomStream(uint64_t seed, RandomPurpose purpose, uint32_t index = 0)
      : key_(seed),
        high_((uint64_t{static_cast<uint32_t>(purpose)} << 32) | index) {}

  // The 64 random bits at `position`; a pure function.
  uint64_t At(uint64_t position) const {
    uint32_t words[4];
    Philox4x32(key_, high_, position >> 1, words);
    const int i = static_cast<int>(position & 1) * 2;
    return (uint64_t{words[i + 1]} << 32) | words[i];
  }

  // Sequential use: the bits at positions 0, 1, 2, ...
  uint64_t Next() {
    if ((position_ & 1) == 0) {
      uint32_t words[4];
      Philox4x32(key_, high_, position_ >> 1, words);
      low_half_ = (uint64_t{words[1]} << 32) | words[0];
      high_half_ = (uint64_t{words[3]} << 32) | words[2];
    }
    return (position_++ & 1) == 0 ? low_half_ : high_half_;
  }

  // Uniform in [0, 1) with 53 bits.
  double NextUniform() {
    return static_cast<double>(Next() >> 11) * 0x1.0p-53;
  }
  // Uniform in [low, high).
  double NextUniform(double low, double high) {
    return low + (high - low) * NextUniform();
  }

  // Uniform in {0, ..., n - 1} for 0 < n.
  uint64_t NextBelow(uint64_t n) { return ScaleBelow(Next(), n); }

  // Philox's key, and the upper half of its counter.
  uint64_t key() const { return key_; }
  uint64_t counter_hi() const { return high_; }

 private:
  uint64_t key_;
  uint64_t high_;
  uint64_t position_ = 0;
  uint64_t low_half_ = 0;
  uint64_t high_half_ = 0;
};

// Fisher-Yates shuffle of items[0..n) with the numbers of `stream`, a RandomStream
// or a buffered one (random_buffer.h).
template <typename Stream, typename T>
void Shuffle(Stream stream, T* items, uint64_t n) {
  for (uint64_t i = n; i > 1; --i) {
    const uint64_t j = stream.NextBelow(i);
    const T tmp = items[i - 1];
    items[i - 1] = items[j];
    items[j] = tmp;
  }
}

}  // namespace anisograd

#endif  // TOOLS_BASE_RANDOM_H_
