#include <cuda_bf16.h>

#include <cmath>

#include "experiments/gpt2/net/cuda/attention_arguments.cuh"
#include "experiments/gpt2/net/cuda/bf16_tile.cuh"
#include "experiments/gpt2/net/cuda/quad.cuh"
#include "tools/base/status_macros.h"
#include "tools/cuda/launch.cuh"

// Attention on tensor cores (Dao 2023, "FlashAttention-2"). The floor is the
// products: per pair of a query and a key 2 x 64 multiply-adds forward, and 7 x
// 64 back, since both kernels there compute q . k and dy . v. A block has 64
// rows, queries or keys, and goes through the tiles of the others in order, the
// next one on its way (cp.async) while this one is multiplied. A warp has 16 of
// the rows and all columns, so that what leaves one product (P, ds) is in the
// very registers in which the next one wants its operand; keys as rows have the
// transposed products for that. Every Philox block is drawn by one lane, and
// its four bits go to the lanes that have the keys.

namespace anisograd {
namespace cuda {
namespace {

using Bf16 = __nv_bfloat16;

// --- kernels ---

// Whether lanes keep the keys of a tile, where rows are queries: bits[0] for
// row l/4, bits[1] for row l/4 + 8; bit 4 n + 2 (l % 2) + i is fragment n's
// column 2 (l % 4) + i. For keys from tile_key, `groups` times 16 of them.
__device__ inline void KeepInRows(const AttentionProblem& p,
                                  const AttentionBlock& block, int warp_row,
                                  int tile_key, int groups, uint32_t bits[2]) {
  const int lane = threadIdx.x % kWarpSize;
  // A pair of lanes has the four keys of two rows: each draws one row's.
  const int query = block.first + warp_row + lane / 4 + 8 * (lane % 2);
  const int key = tile_key + 4 * (lane % 4 / 2);
  uint32_t mine = 0;
#pragma unroll
  for (int n = 0; n < 2 * kGroups; ++n) {
    if (n >= 2 * groups) continue;
    mine |= KeptKeys(p, block, query, key + 8 * n) << (4 * n);
  }
  const uint32_t other = __shfl_xor_sync(kAllLanes, mine, 1);
  bits[0] = lane % 2 == 0 ? mine : other;
  bits[1] = lane % 2 == 0 ? other : mine;
}

// Likewise where rows are keys: bit 4 n + l / 4 % 4 of bits[i + 2 half] is
// fragment n's column 2 (l % 4) + i in row l/4 + 8 half. For the queries from
// tile_query, groups [begin, end) of them.
__device__ inline void KeepInColumns(const AttentionProblem& p,
                                     const AttentionBlock& block, int warp_row,
                                     int tile_query, int begin, int end,
                                     uint32_t bits[4]) {
  const int lane = threadIdx.x % kWarpSize;
  // Four lanes have the four keys of two queries, twice: each draws one set.
  const int set = lane / 4 % 4;
  const int query = tile_query + 2 * (lane % 4) + set % 2;
  const int key = block.first + warp_row + 8 * (set / 2) + 4 * (lane / 16);
  uint32_t mine = 0;
#pragma unroll
  for (int n = 0; n < 2 * kGroups; ++n) {
    if (n < 2 * begin || n >= 2 * end) continue;
    mine |= KeptKeys(p, block, query + 8 * n, key) << (4 * n);
  }
#pragma unroll
  for (int s = 0; s < 4; ++s) {
    bits[s] = __shfl_sync(kAllLanes, mine, (lane & ~12) | (s << 2));
  }
}

// Whether element i of fragment t is above the diagonal, in the 16 x 16 group
// on it where rows are queries.
__device__ inline bool IsLater(int t, int i) {
  const int lane = threadIdx.x % kWarpSize;
  return 8 * t + 2 * (lane % 4) + i % 2 > lane / 4 + 8 * (i / 2);
}
// Likewise where rows are keys.
__device__ inline bool IsEarlier(int t, int i) {
  const int lane = threadIdx.x % kWarpSize;
  return 8 * t + 2 * (lane % 4) + i % 2 < lane / 4 + 8 * (i / 2);
}

// Sum over, or maximum of, the four lanes that have a row.
__device__ inline float RowSum(float x) {
  x += __shfl_xor_sync(kAllLanes, x, 1);
  return x + __shfl_xor_sync(kAllLanes, x, 2);
}
__device__ inline float RowMax(float x) {
  x = fmaxf(x, __shfl_xor_sync(kAllLanes, x, 1));
  return fmaxf(x, __shfl_xor_sync(kAllLanes, x, 2));
}

constexpr size_t kForwardShared = 5 * kTileElements * sizeof(Bf16);

__global__ void __launch_bounds__(kTileThreads)
    ForwardKernel(AttentionForwardArguments<Bf16> a) {
  const AttentionProblem& p = a.problem;
  const AttentionBlock block(p, p.batch.query_tiles);
  Bf16* const q_tile = reinterpret_cast<Bf16*>(DynamicShared());
  Bf16* const k_tiles = q_tile + kTileElements;
  Bf16* const v_tiles = k_tiles + 2 * kTileElements;
  const auto start_tile = [&](int t) {
    const int64_t row = block.start + t * kTileWidth;
    const int rows = block.RowsFrom(t * kTileWidth);
    StartTileCopy(a.qkv.At(row, p.width + block.column), a.qkv.stride, rows,
                  k_tiles + t % 2 * kTileElements);
    StartTileCopy(a.qkv.At(row, 2 * p.width + block.column), a.qkv.stride,
                  rows, v_tiles + t % 2 * kTileElements);
    CommitCopies();
  };
  StartTileCopy(a.qkv.At(block.start + block.first, block.column),
                a.qkv.stride, block.rows, q_tile);
  start_tile(0);

  const int lane = threadIdx.x % kWarpSize;
  const int warp = threadIdx.x / kWarpSize;
  const int warp_row = warp * kGroup;
  const int last = block.first / kTileWidth;
  TileRows q;
  RowSums y;
  // Of scores before scaling; sums of this lane's columns alone.
  float max[2] = {-INFINITY, -INFINITY};
  float sum[2] = {0.0f, 0.0f};
  for (int t = 0; t <= last; ++t) {
    WaitCopies<0>();
    // This tile is there for all, and all are done with the one before.
    __syncthreads();
    if (t < last) start_tile(t + 1);
    if (warp_row >= block.rows) continue;
    if (t == 0) q.Load(q_tile, warp_row);
    Bf16* const k_tile = k_tiles + t % 2 * kTileElements;
    Bf16* const v_tile = v_tiles + t % 2 * kTileElements;
    // The tile on the diagonal ends for this warp with group `warp`.
    const int groups = t < last ? kGroups : warp + 1;
    GroupSums s[kGroups];
    float new_max[2] = {max[0], max[1]};
#pragma unroll
    for (int g = 0; g < kGroups; ++g) {
      if (g >= groups) continue;
      s[g].Multiply(q, k_tile, g * kGroup);
#pragma unroll
      for (int n = 0; n < 2; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          if (t == last && g == warp && IsLater(n, i)) {
            s[g].d[n][i] = -INFINITY;
          }
          new_max[i / 2] = fmaxf(new_max[i / 2], s[g].d[n][i]);
        }
      }
    }
    uint32_t keep[2] = {~0u, ~0u};
    if (p.dropout.enabled) {
      KeepInRows(p, block, warp_row, t * kTileWidth, groups, keep);
    }
    // Every row sees the sequence's first key, so that new_max is finite.
    float factor[2], offset[2];
#pragma unroll
    for (int h = 0; h < 2; ++h) {
      new_max[h] = RowMax(new_max[h]);
      factor[h] = Exp2((max[h] - new_max[h]) * p.scale_log2);
      offset[h] = -new_max[h] * p.scale_log2;
      max[h] = new_max[h];
      sum[h] *= factor[h];
    }
    y.Scale(factor);
#pragma unroll
    for (int g = 0; g < kGroups; ++g) {
      if (g >= groups) continue;
#pragma unroll
      for (int n = 0; n < 2; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          const float e =
              Exp2(fmaf(s[g].d[n][i], p.scale_log2, offset[i / 2]));
          sum[i / 2] += e;
          const int bit = 4 * (2 * g + n) + 2 * (lane % 2) + i % 2;
          s[g].d[n][i] = (keep[i / 2] >> bit & 1) != 0 ? e : 0.0f;
        }
      }
      y.MultiplyAdd(s[g], v_tile, g * kGroup);
    }
  }

  if (warp_row >= block.rows) return;
  float factor[2];
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    sum[h] = RowSum(sum[h]);
    factor[h] = p.dropout.scale / sum[h];
    const int row = warp_row + lane / 4 + 8 * h;
    if (lane % 4 == 0 && row < block.rows) {
      a.log_sum[block.head * p.tokens + block.start + block.first + row] =
          fmaf(max[h], p.scale, logf(sum[h]));
    }
  }
  y.Scale(factor);
  y.Store(q_tile, warp_row, block.rows - warp_row,
          a.y.At(block.start + block.first + warp_row, block.column),
          a.y.stride);
}

constexpr size_t kQueryBackwardShared = 6 * kTileElements * sizeof(Bf16);

// dq of a tile of queries. Four blocks a multiprocessor: 128 registers suffice.
__global__ void __launch_bounds__(kTileThreads, 4)
    QueryBackwardKernel(AttentionBackwardArguments<Bf16> a) {
  const AttentionProblem& p = a.problem;
  const AttentionBlock block(p, p.batch.query_tiles);
  Bf16* const q_tile = reinterpret_cast<Bf16*>(DynamicShared());
  Bf16* const dy_tile = q_tile + kTileElements;
  Bf16* const k_tiles = dy_tile + kTileElements;
  Bf16* const v_tiles = k_tiles + 2 * kTileElements;
  const auto start_tile = [&](int t) {
    const int64_t row = block.start + t * kTileWidth;
    const int rows = block.RowsFrom(t * kTileWidth);
    StartTileCopy(a.qkv.At(row, p.width + block.column), a.qkv.stride, rows,
                  k_tiles + t % 2 * kTileElements);
    StartTileCopy(a.qkv.At(row, 2 * p.width + block.column), a.qkv.stride,
                  rows, v_tiles + t % 2 * kTileElements);
    CommitCopies();
  };
  const int64_t first_row = block.start + block.first;
  StartTileCopy(a.qkv.At(first_row, block.column), a.qkv.stride, block.rows,
                q_tile);
  StartTileCopy(a.dy.At(first_row, block.column), a.dy.stride, block.rows,
                dy_tile);
  start_tile(0);

  const int lane = threadIdx.x % kWarpSize;
  const int warp = threadIdx.x / kWarpSize;
  const int warp_row = warp * kGroup;
  const int last = block.first / kTileWidth;
  // Of rows l/4 and l/4 + 8. Rows behind the tile's get P = 0.
  float offset[2], delta[2];
#pragma unroll
  for (int h = 0; h < 2; ++h) {
    const int row = warp_row + lane / 4 + 8 * h;
    const bool valid = row < block.rows;
    const int64_t at = block.head * p.tokens + first_row + (valid ? row : 0);
    offset[h] = valid ? -a.log_sum[at] * kLog2E : -INFINITY;
    delta[h] = valid ? a.delta[at] : 0.0f;
  }
  TileRows q, dy;
  RowSums dq;
  for (int t = 0; t <= last; ++t) {
    WaitCopies<0>();
    __syncthreads();
    if (t < last) start_tile(t + 1);
    if (warp_row >= block.rows) continue;
    if (t == 0) {
      q.Load(q_tile, warp_row);
      dy.Load(dy_tile, warp_row);
    }
    Bf16* const k_tile = k_tiles + t % 2 * kTileElements;
    Bf16* const v_tile = v_tiles + t % 2 * kTileElements;
    const int groups = t < last ? kGroups : warp + 1;
    uint32_t keep[2] = {~0u, ~0u};
    if (p.dropout.enabled) {
      KeepInRows(p, block, warp_row, t * kTileWidth, groups, keep);
    }
#pragma unroll
    for (int g = 0; g < kGroups; ++g) {
      if (g >= groups) continue;
      GroupSums s, ds;
      s.Multiply(q, k_tile, g * kGroup);
      ds.Multiply(dy, v_tile, g * kGroup);
#pragma unroll
      for (int n = 0; n < 2; ++n) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          float score = s.d[n][i];
          if (t == last && g == warp && IsLater(n, i)) score = -INFINITY;
          const float prob =
              Exp2(fmaf(score, p.scale_log2, offset[i / 2]));
          const int bit = 4 * (2 * g + n) + 2 * (lane % 2) + i % 2;
          const float factor =
              (keep[i / 2] >> bit & 1) != 0 ? p.dropout.scale : 0.0f;
          ds.d[n][i] = prob * fmaf(ds.d[n][i], factor, -delta[i / 2]);
        }
      }
      dq.MultiplyAdd(ds, k_tile, g * kGroup);
    }
  }
  if (warp_row >= block.rows) return;
  const float factor[2] = {p.scale, p.scale};
  dq.Scale(factor);
  dq.Store(q_tile, warp_row, block.rows - warp_row,
           a.dqkv.At(first_row + warp_row, block.column), a.dqkv.stride);
}

// Of a query: -L / log 2 and dy . y. Those of a lane's two columns are a quad.
struct alignas(8) QueryScalars {
  float offset, delta;
};
constexpr size_t kKeyBackwardShared = 6 * kTileElements * sizeof(Bf16) +
                                      2 * kTileWidth * sizeof(QueryScalars);

// dk and dv of a tile of keys, from the queries on the diagonal on.
__global__ void __launch_bounds__(kTileThreads)
    KeyBackwardKernel(AttentionBackwardArguments<Bf16> a) {
  const AttentionProblem& p = a.problem;
  const AttentionBlock block(p, p.batch.key_tiles);
  Bf16* const k_tile = reinterpret_cast<Bf16*>(DynamicShared());
  Bf16* const v_tile = k_tile + kTileElements;
  Bf16* const q_tiles = v_tile + kTileElements;
  Bf16* const dy_tiles = q_tiles + 2 * kTileElements;
  QueryScalars* const scalars =
      reinterpret_cast<QueryScalars*>(dy_tiles + 2 * kTileElements);
  const auto start_tile = [&](int t) {
    const int64_t row = block.start + t * kTileWidth;
    const int rows = block.RowsFrom(t * kTileWidth);
    StartTileCopy(a.qkv.At(row, block.column), a.qkv.stride, rows,
                  q_tiles + t % 2 * kTileElements);
    StartTileCopy(a.dy.At(row, block.column), a.dy.stride, rows,
                  dy_tiles + t % 2 * kTileElements);
    CommitCopies();
  };
  // Half of the threads have an offset each, the others a delta. A tile's are
  // read early and stored late, so that nobody waits. Rows behind the sequence
  // get P = 0.
  const int scalar_row = threadIdx.x % kTileWidth;
  const bool has_offset = threadIdx.x < kTileWidth;
  const auto read_scalar = [&](int t) {
    const bool valid = scalar_row < block.RowsFrom(t * kTileWidth);
    if (!valid) return has_offset ? -INFINITY : 0.0f;
    const int64_t at = block.head * p.tokens + block.start + t * kTileWidth +
                       scalar_row;
    return has_offset ? -a.log_sum[at] * kLog2E : a.delta[at];
  };
  const auto store_scalar = [&](int t, float x) {
    QueryScalars& to = scalars[t % 2 * kTileWidth + scalar_row];
    (has_offset ? to.offset : to.delta) = x;
  };
  const int64_t first_row = block.start + block.first;
  const int first = block.first / kTileWidth;
  const int end = (block.length + kTileWidth - 1) / kTileWidth;
  StartTileCopy(a.qkv.At(first_row, p.width + block.column), a.qkv.stride,
                block.rows, k_tile);
  StartTileCopy(a.qkv.At(first_row, 2 * p.width + block.column), a.qkv.stride,
                block.rows, v_tile);
  start_tile(first);
  store_scalar(first, read_scalar(first));

  const int lane = threadIdx.x % kWarpSize;
  const int warp = threadIdx.x / kWarpSize;
  const int warp_row = warp * kGroup;
  const bool has_rows = warp_row < block.rows;
  TileRows k, v;
  RowSums dk, dv;
  for (int t = first; t < end; ++t) {
    WaitCopies<0>();
    __syncthreads();
    float next_scalar = 0.0f;
    if (t + 1 < end) {
      start_tile(t + 1);
      next_scalar = read_scalar(t + 1);
    }
    if (has_rows) {
      if (t == first) {
        k.Load(k_tile, warp_row);
        v.Load(v_tile, warp_row);
      }
      Bf16* const q_tile = q_tiles + t % 2 * kTileElements;
      Bf16* const dy_tile = dy_tiles + t % 2 * kTileElements;
      const int group_begin = t == first ? warp : 0;
      const int group_end =
          (block.RowsFrom(t * kTileWidth) + kGroup - 1) / kGroup;
      uint32_t keep[4] = {~0u, ~0u, ~0u, ~0u};
      if (p.dropout.enabled) {
        KeepInColumns(p, block, warp_row, t * kTileWidth, group_begin,
                      group_end, keep);
      }
#pragma unroll
      for (int g = 0; g < kGroups; ++g) {
        if (g < group_begin || g >= group_end) continue;
        GroupSums s, ds;
        s.Multiply(k, q_tile, g * kGroup);
        ds.Multiply(v, dy_tile, g * kGroup);
#pragma unroll
        for (int n = 0; n < 2; ++n) {
          const int column = g * kGroup + 8 * n + 2 * (lane % 4);
          const Quad of_columns =
              LoadQuad(&scalars[t % 2 * kTileWidth + column].offset);
#pragma unroll
          for (int i = 0; i < 4; ++i) {
            float score = s.d[n][i];
            if (t == first && g == warp && IsEarlier(n, i)) score = -INFINITY;
            const float prob =
                Exp2(fmaf(score, p.scale_log2, of_columns.v[i % 2 * 2]));
            const int bit = 4 * (2 * g + n) + lane / 4 % 4;
            const bool kept = (keep[i] >> bit & 1) != 0;
            s.d[n][i] = kept ? prob : 0.0f;
            ds.d[n][i] =
                prob * fmaf(ds.d[n][i], kept ? p.dropout.scale : 0.0f,
                            -of_columns.v[i % 2 * 2 + 1]);
          }
        }
        dv.MultiplyAdd(s, dy_tile, g * kGroup);
        dk.MultiplyAdd(ds, q_tile, g * kGroup);
      }
    }
    if (t + 1 < end) store_scalar(t + 1, next_scalar);
  }
  if (!has_rows) return;
  const int rows = block.rows - warp_row;
  const float k_factor[2] = {p.scale, p.scale};
  dk.Scale(k_factor);
  dk.Store(k_tile, warp_row, rows,
           a.dqkv.At(first_row + warp_row, p.width + block.column),
           a.dqkv.stride);
  const float v_factor[2] = {p.dropout.scale, p.dropout.scale};
  dv.Scale(v_factor);
  dv.Store(v_tile, warp_row, rows,
           a.dqkv.At(first_row + warp_row, 2 * p.width + block.column),
           a.dqkv.stride);
}

}  // namespace

// --- launchers ---

absl::Status LaunchAttention(cudaStream_t stream,
                             const AttentionForwardArguments<Bf16>& a) {
  const AttentionBatch& batch = a.problem.batch;
  return LaunchShared("AttentionForward", ForwardKernel,
                      AttentionGrid(batch.query_tile_count, batch.heads),
                      dim3(kTileThreads), kForwardShared, stream, a);
}

absl::Status LaunchAttention(cudaStream_t stream,
                             const AttentionBackwardArguments<Bf16>& a) {
  const AttentionBatch& batch = a.problem.batch;
  RETURN_IF_ERROR(LaunchShared(
      "AttentionQueryBackward", QueryBackwardKernel,
      AttentionGrid(batch.query_tile_count, batch.heads), dim3(kTileThreads),
      kQueryBackwardShared, stream, a));
  return LaunchShared("AttentionKeyBackward", KeyBackwardKernel,
                      AttentionGrid(batch.key_tile_count, batch.heads),
                      dim3(kTileThreads), kKeyBackwardShared, stream, a);
}

}  // namespace cuda
}  // namespace anisograd
