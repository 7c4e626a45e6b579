#ifndef EXPERIMENTS_GPT2_NET_CUDA_QUAD_CUH_
#define EXPERIMENTS_GPT2_NET_CUDA_QUAD_CUH_

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <cstring>

#include "experiments/gpt2/net/cuda/dropout_parameters.h"

namespace anisograd {
namespace cuda {

// Four consecutive numbers of a row, in single precision. They are one access
// to memory, and the elements of one Philox block: rows have a multiple of four
// columns here, so a quad never lies across two blocks.
struct Quad {
  float v[4];
};

inline __device__ Quad LoadQuad(const float* p) {
  const float4 x = *reinterpret_cast<const float4*>(p);
  return {{x.x, x.y, x.z, x.w}};
}

// The bits of a bf16 are the upper half of a float's.
inline __device__ float LowBf16(uint32_t pair) {
  return __uint_as_float(pair << 16);
}
inline __device__ float HighBf16(uint32_t pair) {
  return __uint_as_float(pair & 0xffff0000u);
}
// `low` at the lower address; rounds to nearest even. One instruction.
inline __device__ uint32_t PackBf16(float low, float high) {
  const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
  uint32_t bits;
  memcpy(&bits, &pair, sizeof(bits));
  return bits;
}

inline __device__ Quad LoadQuad(const __nv_bfloat16* p) {
  const uint2 x = *reinterpret_cast<const uint2*>(p);
  return {{LowBf16(x.x), HighBf16(x.x), LowBf16(x.y), HighBf16(x.y)}};
}

inline __device__ void StoreQuad(const Quad& x, float* p) {
  *reinterpret_cast<float4*>(p) = make_float4(x.v[0], x.v[1], x.v[2], x.v[3]);
}
inline __device__ void StoreQuad(const Quad& x, __nv_bfloat16* p) {
  *reinterpret_cast<uint2*>(p) =
      make_uint2(PackBf16(x.v[0], x.v[1]), PackBf16(x.v[2], x.v[3]));
}

inline __device__ float ToFloat(float x) { return x; }
inline __device__ float ToFloat(__nv_bfloat16 x) { return __bfloat162float(x); }
inline __device__ void FromFloat(float x, float* out) { *out = x; }
inline __device__ void FromFloat(float x, __nv_bfloat16* out) {
  *out = __float2bfloat16_rn(x);
}

// x times the factors of elements 4 block .. 4 block + 3.
inline __device__ void ApplyDropout(const DropoutParameters& p, uint64_t block,
                                    Quad* x) {
  if (!p.enabled) return;
  uint32_t words[4];
  p.dropout.Words(block, words);
  for (int i = 0; i < 4; ++i) {
    x->v[i] *= p.dropout.Keeps(words[i]) ? p.scale : 0.0f;
  }
}

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_QUAD_CUH_
