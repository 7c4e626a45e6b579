#ifndef EXPERIMENTS_GPT2_NET_CUDA_BF16_TILE_CUH_
#define EXPERIMENTS_GPT2_NET_CUDA_BF16_TILE_CUH_

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <cstdint>

#include "experiments/gpt2/net/cuda/quad.cuh"
#include "tools/cuda/launch.cuh"
#include "tools/cuda/tensor_core.cuh"

// Tiles of 64 x 64 bf16 in shared memory, and products of them on tensor cores
// by blocks of four warps, each with 16 of the result's rows. A warp's operand
// A is in registers, its operand B is a tile or a tile's transpose. Lane l's
// part of 16 x 16 and 16 x 8 fragments is tensor_core.cuh's.

namespace anisograd {
namespace cuda {

constexpr int kTileWidth = 64;
constexpr int kTileElements = kTileWidth * kTileWidth;
constexpr int kTileThreads = 128;
// Rows of a warp; summands of one instruction; columns of two.
constexpr int kGroup = 16;
constexpr int kGroups = kTileWidth / kGroup;

// 16 bytes of a row: chunk c of row r lies at c ^ (r % 8), so that the eight
// rows that a ldmatrix reads are in different banks.
inline __device__ __nv_bfloat16* TileChunk(__nv_bfloat16* tile, int row,
                                           int chunk) {
  return tile + row * kTileWidth + ((chunk ^ (row & 7)) * 8);
}

// Block: starts the copy of the first `rows` > 0 rows; the others become zero.
inline __device__ void StartTileCopy(const __nv_bfloat16* from, int64_t stride,
                                     int rows, __nv_bfloat16* tile) {
  const int chunk = threadIdx.x % 8;
#pragma unroll
  for (int k = 0; k < kTileWidth * 8 / kTileThreads; ++k) {
    const int row = threadIdx.x / 8 + k * (kTileThreads / 8);
    const bool valid = row < rows;
    CopyAsync16(TileChunk(tile, row, chunk),
                from + (valid ? row : 0) * stride + 8 * chunk, valid);
  }
}

// Operand A: 16 rows of a tile, all 64 columns.
struct TileRows {
  uint32_t a[kGroups][4];

  __device__ void Load(__nv_bfloat16* tile, int first_row) {
    const int lane = threadIdx.x % kWarpSize;
#pragma unroll
    for (int k = 0; k < kGroups; ++k) {
      LoadMatrices<false>(
          TileChunk(tile, first_row + lane % 16, 2 * k + lane / 16), a[k]);
    }
  }
};

// A result of 16 rows and 16 columns: two 16 x 8 fragments.
struct GroupSums {
  float d[2][4];

  // = A B^T, where B is 16 rows of the tile.
  __device__ void Multiply(const TileRows& rows, __nv_bfloat16* tile,
                           int first_row) {
    const int lane = threadIdx.x % kWarpSize;
#pragma unroll
    for (int i = 0; i < 4; ++i) d[0][i] = d[1][i] = 0.0f;
#pragma unroll
    for (int k = 0; k < kGroups; ++k) {
      uint32_t b[4];
      LoadMatrices<false>(TileChunk(tile, first_row + lane / 16 * 8 + lane % 8,
                                    2 * k + lane / 8 % 2),
                          b);
      MultiplyAdd16x8x16(rows.a[k], b, d[0]);
      MultiplyAdd16x8x16(rows.a[k], b + 2, d[1]);
    }
  }
  // Rounded to bf16, as an operand A: the two layouts agree.
  __device__ void Pack(uint32_t a[4]) const {
    a[0] = PackBf16(d[0][0], d[0][1]);
    a[1] = PackBf16(d[0][2], d[0][3]);
    a[2] = PackBf16(d[1][0], d[1][1]);
    a[3] = PackBf16(d[1][2], d[1][3]);
  }
};

// A result of 16 rows and 64 columns.
struct RowSums {
  float d[2 * kGroups][4] = {};

  // += A B, where B is 16 rows of the tile.
  __device__ void MultiplyAdd(const GroupSums& sums, __nv_bfloat16* tile,
                              int first_row) {
    const int lane = threadIdx.x % kWarpSize;
    uint32_t a[4];
    sums.Pack(a);
#pragma unroll
    for (int k = 0; k < kGroups; ++k) {
      uint32_t b[4];
      LoadMatrices<true>(
          TileChunk(tile, first_row + lane % 16, 2 * k + lane / 16), b);
      MultiplyAdd16x8x16(a, b, d[2 * k]);
      MultiplyAdd16x8x16(a, b + 2, d[2 * k + 1]);
    }
  }
  // Row l/4 times factor[0], row l/4 + 8 times factor[1].
  __device__ void Scale(const float factor[2]) {
#pragma unroll
    for (int n = 0; n < 2 * kGroups; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) d[n][i] *= factor[i / 2];
    }
  }
  // Writes the first `rows` rows. Rows first_row .. first_row + 15 of `tile`,
  // which no other warp may use, make whole rows of fragments.
  __device__ void Store(__nv_bfloat16* tile, int first_row, int rows,
                        __nv_bfloat16* to, int64_t stride) const {
    const int lane = threadIdx.x % kWarpSize;
    __syncwarp();
#pragma unroll
    for (int n = 0; n < 2 * kGroups; ++n) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const int row = first_row + lane / 4 + 8 * half;
        *reinterpret_cast<uint32_t*>(TileChunk(tile, row, n) +
                                     2 * (lane % 4)) =
            PackBf16(d[n][2 * half], d[n][2 * half + 1]);
      }
    }
    __syncwarp();
#pragma unroll
    for (int k = 0; k < kGroup / 4; ++k) {
      const int row = 4 * k + lane / 8;
      if (row >= rows) continue;
      *reinterpret_cast<uint4*>(to + row * stride + 8 * (lane % 8)) =
          *reinterpret_cast<const uint4*>(
              TileChunk(tile, first_row + row, lane % 8));
    }
  }
};

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_BF16_TILE_CUH_
