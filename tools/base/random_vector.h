#ifndef TOOLS_BASE_RANDOM_VECTOR_H_
#define TOOLS_BASE_RANDOM_VECTOR_H_

#include <immintrin.h>

#include <cstdint>

namespace anisograd {

// Philox4x32 (tools/base/random.h) of the counters counter_lo .. counter_lo +
// 4 kGroups - 1, which must not carry into the upper 64 bits: out[4 i + w] is
// word w of counter i. The same integers as scalar calls, in AVX2. Each round
// waits for the one before: two groups keep the multipliers busy, and fit the
// registers.
template <int kGroups>
inline void Philox4x32Groups(uint64_t key, uint64_t counter_hi,
                             uint64_t counter_lo, uint32_t* out) {
  // Each 64-bit lane belongs to one counter. Only the lower halves count: the
  // multiplication reads no more, so what stands above is never cleared.
  const __m256i m0 = _mm256_set1_epi64x(0xD2511F53);
  const __m256i m1 = _mm256_set1_epi64x(0xCD9E8D57);
  const __m256i weyl0 = _mm256_set1_epi64x(0x9E3779B9);
  const __m256i weyl1 = _mm256_set1_epi64x(0xBB67AE85);
  __m256i k0 = _mm256_set1_epi64x(static_cast<int64_t>(key));
  __m256i k1 = _mm256_set1_epi64x(static_cast<int64_t>(key >> 32));
  __m256i c0[kGroups], c1[kGroups], c2[kGroups], c3[kGroups];
#pragma GCC unroll 4
  for (int g = 0; g < kGroups; ++g) {
    c0[g] = _mm256_add_epi64(
        _mm256_set1_epi64x(static_cast<int64_t>(counter_lo) + 4 * g),
        _mm256_setr_epi64x(0, 1, 2, 3));
    c1[g] = _mm256_srli_epi64(c0[g], 32);
    c2[g] = _mm256_set1_epi64x(static_cast<int64_t>(counter_hi));
    c3[g] = _mm256_srli_epi64(c2[g], 32);
  }
  for (int round = 0; round < 10; ++round) {
#pragma GCC unroll 4
    for (int g = 0; g < kGroups; ++g) {
      const __m256i p0 = _mm256_mul_epu32(m0, c0[g]);
      const __m256i p1 = _mm256_mul_epu32(m1, c2[g]);
      c0[g] = _mm256_xor_si256(
          _mm256_xor_si256(_mm256_srli_epi64(p1, 32), c1[g]), k0);
      c2[g] = _mm256_xor_si256(
          _mm256_xor_si256(_mm256_srli_epi64(p0, 32), c3[g]), k1);
      c1[g] = p1;
      c3[g] = p0;
    }
    k0 = _mm256_add_epi32(k0, weyl0);
    k1 = _mm256_add_epi32(k1, weyl1);
  }
#pragma GCC unroll 4
  for (int g = 0; g < kGroups; ++g) {
    // From one vector per word to the words of each counter side by side.
    const __m256i w01 =
        _mm256_blend_epi32(c0[g], _mm256_slli_epi64(c1[g], 32), 0b10101010);
    const __m256i w23 =
        _mm256_blend_epi32(c2[g], _mm256_slli_epi64(c3[g], 32), 0b10101010);
    const __m256i even = _mm256_unpacklo_epi64(w01, w23);  // counters 0, 2
    const __m256i odd = _mm256_unpackhi_epi64(w01, w23);   // counters 1, 3
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 16 * g),
                        _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 16 * g + 8),
                        _mm256_permute2x128_si256(even, odd, 0x31));
  }
}

}  // namespace anisograd

#endif  // TOOLS_BASE_RANDOM_VECTOR_H_
