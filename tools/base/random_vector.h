// Included once for each instruction set that Highway compiles for.
#if defined(TOOLS_BASE_RANDOM_VECTOR_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TOOLS_BASE_RANDOM_VECTOR_H_
#undef TOOLS_BASE_RANDOM_VECTOR_H_
#else
#define TOOLS_BASE_RANDOM_VECTOR_H_
#endif

#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace anisograd {
namespace HWY_NAMESPACE {

using PhiloxWords = hwy::HWY_NAMESPACE::ScalableTag<uint32_t>;
// How many words PhiloxVectors<kGroups> makes.
template <int kGroups>
constexpr int64_t kPhiloxWords = kGroups * HWY_MAX_BYTES / 2;

// Philox4x32 (tools/base/random.h) of as many counters, from counter_lo on, as
// fill 2 kGroups vectors with four words each; the counters must not carry into
// the upper 64 bits. The same integers as scalar calls, in the same order. Each
// round waits for the one before: two groups keep the multipliers busy, and fit
// the registers.
template <int kGroups>
HWY_INLINE void PhiloxVectors(uint64_t key, uint64_t counter_hi,
                              uint64_t counter_lo,
                              hwy::HWY_NAMESPACE::Vec<PhiloxWords>* out) {
  namespace hn = hwy::HWY_NAMESPACE;
  // Each 64-bit lane belongs to one counter. Only the lower halves count: the
  // multiplication reads no more, so what stands above is never cleared.
  const hn::ScalableTag<uint64_t> d;
  const PhiloxWords d32;
  using V = hn::Vec<decltype(d)>;
  const V m0 = hn::Set(d, 0xD2511F53);
  const V m1 = hn::Set(d, 0xCD9E8D57);
  const V weyl0 = hn::Set(d, 0x9E3779B9);
  const V weyl1 = hn::Set(d, 0xBB67AE85);
  V k0 = hn::Set(d, key);
  V k1 = hn::Set(d, key >> 32);
  // Even lanes have the first half of a vector's counters, odd ones the second:
  // then interleaving the words of each pair leaves them in order.
  constexpr int64_t kCounters = HWY_MAX_BYTES / 8;
#if HWY_MAX_BYTES == 64
  HWY_ALIGN static constexpr uint64_t kFirst[] = {0, 4, 1, 5, 2, 6, 3, 7};
#else
  HWY_ALIGN static constexpr uint64_t kFirst[] = {0, 2, 1, 3};
#endif
  V c0[kGroups], c1[kGroups], c2[kGroups], c3[kGroups];
#pragma GCC unroll 4
  for (int g = 0; g < kGroups; ++g) {
    c0[g] = hn::Add(hn::Load(d, kFirst),
                    hn::Set(d, counter_lo + static_cast<uint64_t>(g * kCounters)));
    c1[g] = hn::ShiftRight<32>(c0[g]);
    c2[g] = hn::Set(d, counter_hi);
    c3[g] = hn::ShiftRight<32>(c2[g]);
  }
  for (int round = 0; round < 10; ++round) {
#pragma GCC unroll 4
    for (int g = 0; g < kGroups; ++g) {
      const V p0 =
          hn::MulEven(hn::BitCast(d32, m0), hn::BitCast(d32, c0[g]));
      const V p1 =
          hn::MulEven(hn::BitCast(d32, m1), hn::BitCast(d32, c2[g]));
      c0[g] = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c1[g]), k0);
      c2[g] = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c3[g]), k1);
      c1[g] = p1;
      c3[g] = p0;
    }
    // The carries out of the lower halves do not come back.
    k0 = hn::Add(k0, weyl0);
    k1 = hn::Add(k1, weyl1);
  }
#pragma GCC unroll 4
  for (int g = 0; g < kGroups; ++g) {
    // From one vector per word to the words of each counter side by side.
    const auto w0 = hn::BitCast(d32, c0[g]), w2 = hn::BitCast(d32, c2[g]);
    const V w01 = hn::BitCast(
        d, hn::OddEven(hn::BitCast(d32, hn::ShiftLeft<32>(c1[g])), w0));
    const V w23 = hn::BitCast(
        d, hn::OddEven(hn::BitCast(d32, hn::ShiftLeft<32>(c3[g])), w2));
    out[2 * g] = hn::BitCast(d32, hn::InterleaveLower(d, w01, w23));
    out[2 * g + 1] = hn::BitCast(d32, hn::InterleaveUpper(d, w01, w23));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace anisograd
HWY_AFTER_NAMESPACE();

#endif  // TOOLS_BASE_RANDOM_VECTOR_H_
