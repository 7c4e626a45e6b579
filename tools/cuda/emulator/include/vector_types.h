// The emulator's part of CUDA's header of this name.
#ifndef TOOLS_CUDA_EMULATOR_VECTOR_TYPES_H_
#define TOOLS_CUDA_EMULATOR_VECTOR_TYPES_H_

struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1)
      : x(x), y(y), z(z) {}
};

inline float4 make_float4(float x, float y, float z, float w) {
  return {x, y, z, w};
}
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }

struct CUstream_st;
using cudaStream_t = CUstream_st*;

#endif  // TOOLS_CUDA_EMULATOR_VECTOR_TYPES_H_
