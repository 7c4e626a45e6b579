#include <cuda_runtime.h>

#include <cmath>
#include <type_traits>

#include "experiments/gpt2/net/cuda/attention_arguments.cuh"
#include "experiments/gpt2/net/cuda/quad.cuh"
#include "tools/base/status_macros.h"
#include "tools/cuda/launch.cuh"
#include "tools/cuda/tensor_core.cuh"

// Attention in single precision. The floor is the multiply-adds outside of the
// tensor cores: per pair of a query and a key 2 D forward, and 7 D back, since
// both kernels there compute q . k and dy . v. A block has 64 rows, queries or
// keys, and goes through the tiles of the others in order. Its 256 threads
// (y, x) = 16 x 16 have 4 x 4 scores each: rows 4 y + i, columns x + 16 j; thus
// every 16 bytes from shared memory feed 8 multiply-adds.

namespace anisograd {
namespace cuda {
namespace {

constexpr int kTile = kAttentionTile;
constexpr int kSide = 16;
constexpr int kThreads = kSide * kSide;
constexpr int kPerThread = kTile / kSide;
// Blocks a multiprocessor that registers have to suffice for: with heads of
// 64 columns, as many as the shared memory of an H100 suffices for.
constexpr int ForwardBlocks(int quads) { return quads == 1 ? 3 : 2; }
constexpr int BackwardBlocks(int quads) { return quads == 1 ? 2 : 1; }
// Of a row of P or ds in shared memory: like Stride().
constexpr int kScoreStride = kTile + 4;

// Floats from one row of a tile to the next: an odd number of quads, so that
// the rows of neighbouring threads are in different banks.
__host__ __device__ constexpr int Stride(int head_width) {
  return (head_width / 4 | 1) * 4;
}
constexpr size_t TileFloats(int head_width) {
  return static_cast<size_t>(kTile) * static_cast<size_t>(Stride(head_width));
}

// --- kernels ---

struct Scores {
  float s[kPerThread][kPerThread];
};

// A tile of the head's rows in shared memory.
struct Tile {
  float* data;
  int head_width;

  __device__ float* At(int row, int column) const {
    return data + row * Stride(head_width) + column;
  }
  // The tile behind this one.
  __device__ Tile Next() const {
    return {data + kTile * Stride(head_width), head_width};
  }
  // Block: starts the copy of the first `rows` > 0 rows; the others become
  // zero.
  __device__ void StartCopy(const AttentionRows<const float>& from,
                            int64_t first_row, int64_t first_column,
                            int rows) const {
    const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
#pragma unroll 1
    for (int column = 4 * x; column < head_width; column += 4 * kSide) {
#pragma unroll
      for (int i = 0; i < kPerThread; ++i) {
        const int row = y + kSide * i;
        const bool valid = row < rows;
        CopyAsync16(
            At(row, column),
            from.At(first_row + (valid ? row : 0), first_column + column),
            valid);
      }
    }
  }
};

// Block: all copies started so far are there for all threads.
__device__ void FinishCopies() {
  CommitCopies();
  WaitCopies<0>();
  __syncthreads();
}

// A B^T.
__device__ Scores MultiplyTransposed(const Tile& a, const Tile& b) {
  const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
  Scores r = {};
  for (int k = 0; k < a.head_width; k += 4) {
    Quad rows[kPerThread], columns[kPerThread];
#pragma unroll
    for (int i = 0; i < kPerThread; ++i) {
      rows[i] = LoadQuad(a.At(kPerThread * y + i, k));
      columns[i] = LoadQuad(b.At(x + kSide * i, k));
    }
#pragma unroll
    for (int i = 0; i < kPerThread; ++i) {
#pragma unroll
      for (int j = 0; j < kPerThread; ++j) {
#pragma unroll
        for (int e = 0; e < 4; ++e) {
          r.s[i][j] = fmaf(rows[i].v[e], columns[j].v[e], r.s[i][j]);
        }
      }
    }
  }
  return r;
}

// Sums of 64 rows of the head: thread (y, x) has quads x and x + 16 of rows
// 4 y + i.
template <int kQuads>
struct HeadSums {
  Quad sums[kPerThread][kQuads] = {};

  // += A B. A goes through `shared`, of which a warp writes and reads its own
  // rows.
  __device__ void MultiplyAdd(const Scores& a, float* shared, const Tile& b) {
    const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
    __syncwarp();
#pragma unroll
    for (int i = 0; i < kPerThread; ++i) {
#pragma unroll
      for (int j = 0; j < kPerThread; ++j) {
        shared[(kPerThread * y + i) * kScoreStride + x + kSide * j] = a.s[i][j];
      }
    }
    __syncwarp();
    for (int k = 0; k < kTile; k += 4) {
      Quad rows[kPerThread];
#pragma unroll
      for (int i = 0; i < kPerThread; ++i) {
        rows[i] = LoadQuad(shared + (kPerThread * y + i) * kScoreStride + k);
      }
#pragma unroll
      for (int q = 0; q < kQuads; ++q) {
        const int column = 4 * (x + kSide * q);
        if (column >= b.head_width) continue;
#pragma unroll
        for (int e = 0; e < 4; ++e) {
          const Quad of_b = LoadQuad(b.At(k + e, column));
#pragma unroll
          for (int i = 0; i < kPerThread; ++i) {
#pragma unroll
            for (int c = 0; c < 4; ++c) {
              sums[i][q].v[c] =
                  fmaf(rows[i].v[e], of_b.v[c], sums[i][q].v[c]);
            }
          }
        }
      }
    }
  }
  // Row 4 y + i times factor[i].
  __device__ void Scale(const float factor[kPerThread]) {
#pragma unroll
    for (int i = 0; i < kPerThread; ++i) {
#pragma unroll
      for (int q = 0; q < kQuads; ++q) {
        for (int c = 0; c < 4; ++c) sums[i][q].v[c] *= factor[i];
      }
    }
  }
  // Writes the first `rows` rows, times `factor`.
  __device__ void Store(const AttentionRows<float>& to, int64_t first_row,
                        int64_t first_column, int rows, int head_width,
                        float factor) const {
    const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
#pragma unroll
    for (int i = 0; i < kPerThread; ++i) {
#pragma unroll
      for (int q = 0; q < kQuads; ++q) {
        const int column = 4 * (x + kSide * q);
        const int row = kPerThread * y + i;
        if (column >= head_width || row >= rows) continue;
        Quad out = sums[i][q];
        for (int c = 0; c < 4; ++c) out.v[c] *= factor;
        StoreQuad(out, to.At(first_row + row, first_column + column));
      }
    }
  }
};

// Whether the thread's scores are kept, where rows are queries of the block and
// columns are keys from tile_key: bit 4 j + x % 4 of bits[i].
__device__ void KeepInRows(const AttentionProblem& p,
                           const AttentionBlock& block, int tile_key,
                           uint32_t bits[kPerThread]) {
  const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
  const int lane = threadIdx.x % kWarpSize;
  // Four neighbours have the four keys of four rows: each draws one row's.
  const int query = block.first + kPerThread * y + x % 4;
  uint32_t mine = 0;
#pragma unroll
  for (int j = 0; j < kPerThread; ++j) {
    mine |= KeptKeys(p, block, query, tile_key + kSide * j + x / 4 * 4)
            << (4 * j);
  }
#pragma unroll
  for (int i = 0; i < kPerThread; ++i) {
    bits[i] = __shfl_sync(kAllLanes, mine, (lane & ~3) | i);
  }
}

// Likewise where rows are keys of the block and columns are queries from
// tile_query: bit i of bits[j]. A thread's rows are the keys of one quad.
__device__ void KeepInColumns(const AttentionProblem& p,
                              const AttentionBlock& block, int tile_query,
                              uint32_t bits[kPerThread]) {
  const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
#pragma unroll
  for (int j = 0; j < kPerThread; ++j) {
    bits[j] = KeptKeys(p, block, tile_query + x + kSide * j,
                       block.first + kPerThread * y);
  }
}

size_t ForwardShared(int head_width) {
  return (3 * TileFloats(head_width) + kTile * kScoreStride) * sizeof(float);
}

template <int kQuads>
__global__ void __launch_bounds__(kThreads, ForwardBlocks(kQuads))
    ForwardKernel(AttentionForwardArguments<float> a) {
  const AttentionProblem& p = a.problem;
  const AttentionBlock block(p, p.batch.query_tiles);
  const Tile q = {reinterpret_cast<float*>(DynamicShared()), p.head_width};
  const Tile k = q.Next();
  const Tile v = k.Next();
  float* const scores = v.Next().data;
  const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
  const int64_t first_row = block.start + block.first;
  q.StartCopy(a.qkv, first_row, block.column, block.rows);
  HeadSums<kQuads> out;
  // Of scores before scaling; sums of this thread's columns alone.
  float max[kPerThread], sum[kPerThread];
#pragma unroll
  for (int i = 0; i < kPerThread; ++i) {
    max[i] = -INFINITY;
    sum[i] = 0.0f;
  }
  for (int key = 0; key <= block.first; key += kTile) {
    __syncthreads();
    const int rows = block.RowsFrom(key);
    k.StartCopy(a.qkv, block.start + key, p.width + block.column, rows);
    v.StartCopy(a.qkv, block.start + key, 2 * p.width + block.column, rows);
    FinishCopies();
    Scores s = MultiplyTransposed(q, k);
    uint32_t keep[kPerThread] = {~0u, ~0u, ~0u, ~0u};
    if (p.dropout.enabled) KeepInRows(p, block, key, keep);
    float factor[kPerThread];
#pragma unroll
    for (int i = 0; i < kPerThread; ++i) {
      // Every row sees the sequence's first key, so that it is finite.
      float new_max = max[i];
#pragma unroll
      for (int j = 0; j < kPerThread; ++j) {
        if (key == block.first && x + kSide * j > kPerThread * y + i) {
          s.s[i][j] = -INFINITY;
        }
        new_max = fmaxf(new_max, s.s[i][j]);
      }
      for (int mask = kSide / 2; mask > 0; mask /= 2) {
        new_max = fmaxf(new_max, __shfl_xor_sync(kAllLanes, new_max, mask));
      }
      factor[i] = Exp2((max[i] - new_max) * p.scale_log2);
      max[i] = new_max;
      sum[i] *= factor[i];
#pragma unroll
      for (int j = 0; j < kPerThread; ++j) {
        const float e = Exp2((s.s[i][j] - new_max) * p.scale_log2);
        sum[i] += e;
        s.s[i][j] = (keep[i] >> (4 * j + x % 4) & 1) != 0 ? e : 0.0f;
      }
    }
    out.Scale(factor);
    out.MultiplyAdd(s, scores, v);
  }
  float factor[kPerThread];
#pragma unroll
  for (int i = 0; i < kPerThread; ++i) {
    for (int mask = kSide / 2; mask > 0; mask /= 2) {
      sum[i] += __shfl_xor_sync(kAllLanes, sum[i], mask);
    }
    factor[i] = p.dropout.scale / sum[i];
    const int row = kPerThread * y + i;
    if (x == 0 && row < block.rows) {
      a.log_sum[block.head * p.tokens + first_row + row] =
          fmaf(max[i], p.scale, logf(sum[i]));
    }
  }
  out.Scale(factor);
  out.Store(a.y, first_row, block.column, block.rows, p.head_width, 1.0f);
}

// -L / log 2 and dy . y of a tile of queries.
struct QueryScalars {
  float offset[kTile];
  float delta[kTile];

  // Block: of the queries from `query`; those behind the sequence get P = 0.
  __device__ void Load(const AttentionBackwardArguments<float>& a,
                       const AttentionBlock& block, int query) {
    const int row = threadIdx.x;
    if (row >= kTile) return;
    const int64_t at =
        block.head * a.problem.tokens + block.start + query + row;
    const bool valid = row < block.RowsFrom(query);
    offset[row] = valid ? -a.log_sum[at] * kLog2E : -INFINITY;
    delta[row] = valid ? a.delta[at] : 0.0f;
  }
};

size_t BackwardShared(int head_width) {
  return (4 * TileFloats(head_width) + kTile * kScoreStride) * sizeof(float) +
         sizeof(QueryScalars);
}

// dq of a tile of queries.
template <int kQuads>
__global__ void __launch_bounds__(kThreads, BackwardBlocks(kQuads))
    QueryBackwardKernel(AttentionBackwardArguments<float> a) {
  const AttentionProblem& p = a.problem;
  const AttentionBlock block(p, p.batch.query_tiles);
  const Tile q = {reinterpret_cast<float*>(DynamicShared()), p.head_width};
  const Tile dy = q.Next();
  const Tile k = dy.Next();
  const Tile v = k.Next();
  float* const scores = v.Next().data;
  QueryScalars* const scalars =
      reinterpret_cast<QueryScalars*>(scores + kTile * kScoreStride);
  const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
  const int64_t first_row = block.start + block.first;
  q.StartCopy(a.qkv, first_row, block.column, block.rows);
  dy.StartCopy(a.dy, first_row, block.column, block.rows);
  scalars->Load(a, block, block.first);
  HeadSums<kQuads> dq;
  for (int key = 0; key <= block.first; key += kTile) {
    __syncthreads();
    const int rows = block.RowsFrom(key);
    k.StartCopy(a.qkv, block.start + key, p.width + block.column, rows);
    v.StartCopy(a.qkv, block.start + key, 2 * p.width + block.column, rows);
    FinishCopies();
    const Scores s = MultiplyTransposed(q, k);
    Scores ds = MultiplyTransposed(dy, v);
    uint32_t keep[kPerThread] = {~0u, ~0u, ~0u, ~0u};
    if (p.dropout.enabled) KeepInRows(p, block, key, keep);
#pragma unroll
    for (int i = 0; i < kPerThread; ++i) {
      const int row = kPerThread * y + i;
#pragma unroll
      for (int j = 0; j < kPerThread; ++j) {
        float score = s.s[i][j];
        if (key == block.first && x + kSide * j > row) score = -INFINITY;
        const float prob =
            Exp2(fmaf(score, p.scale_log2, scalars->offset[row]));
        const bool kept = (keep[i] >> (4 * j + x % 4) & 1) != 0;
        ds.s[i][j] = prob * fmaf(ds.s[i][j], kept ? p.dropout.scale : 0.0f,
                                 -scalars->delta[row]);
      }
    }
    dq.MultiplyAdd(ds, scores, k);
  }
  dq.Store(a.dqkv, first_row, block.column, block.rows, p.head_width, p.scale);
}

// dk and dv of a tile of keys, from the queries on the diagonal on.
template <int kQuads>
__global__ void __launch_bounds__(kThreads, BackwardBlocks(kQuads))
    KeyBackwardKernel(AttentionBackwardArguments<float> a) {
  const AttentionProblem& p = a.problem;
  const AttentionBlock block(p, p.batch.key_tiles);
  const Tile k = {reinterpret_cast<float*>(DynamicShared()), p.head_width};
  const Tile v = k.Next();
  const Tile q = v.Next();
  const Tile dy = q.Next();
  float* const scores = dy.Next().data;
  QueryScalars* const scalars =
      reinterpret_cast<QueryScalars*>(scores + kTile * kScoreStride);
  const int x = threadIdx.x % kSide, y = threadIdx.x / kSide;
  const int64_t first_row = block.start + block.first;
  k.StartCopy(a.qkv, first_row, p.width + block.column, block.rows);
  v.StartCopy(a.qkv, first_row, 2 * p.width + block.column, block.rows);
  HeadSums<kQuads> dk, dv;
  for (int query = block.first; query < block.length; query += kTile) {
    __syncthreads();
    const int rows = block.RowsFrom(query);
    q.StartCopy(a.qkv, block.start + query, block.column, rows);
    dy.StartCopy(a.dy, block.start + query, block.column, rows);
    scalars->Load(a, block, query);
    FinishCopies();
    Scores s = MultiplyTransposed(k, q);
    Scores ds = MultiplyTransposed(v, dy);
    uint32_t keep[kPerThread] = {~0u, ~0u, ~0u, ~0u};
    if (p.dropout.enabled) KeepInColumns(p, block, query, keep);
#pragma unroll
    for (int j = 0; j < kPerThread; ++j) {
      const int column = x + kSide * j;
#pragma unroll
      for (int i = 0; i < kPerThread; ++i) {
        float score = s.s[i][j];
        if (query == block.first && column < kPerThread * y + i) {
          score = -INFINITY;
        }
        const float prob =
            Exp2(fmaf(score, p.scale_log2, scalars->offset[column]));
        const float factor = (keep[j] >> i & 1) != 0 ? p.dropout.scale : 0.0f;
        s.s[i][j] = factor * prob;
        ds.s[i][j] =
            prob * fmaf(ds.s[i][j], factor, -scalars->delta[column]);
      }
    }
    dv.MultiplyAdd(s, scores, dy);
    dk.MultiplyAdd(ds, scores, q);
  }
  dk.Store(a.dqkv, first_row, p.width + block.column, block.rows, p.head_width,
           p.scale);
  dv.Store(a.dqkv, first_row, 2 * p.width + block.column, block.rows,
           p.head_width, 1.0f);
}

// --- launchers ---

// Calls launch(std::integral_constant<int, kQuads>) for the fewest registers
// that hold a row.
template <typename LaunchWith>
absl::Status ForHeadWidth(int head_width, LaunchWith launch) {
  if (head_width <= 4 * kSide) return launch(std::integral_constant<int, 1>());
  return launch(std::integral_constant<int, 2>());
}

}  // namespace

absl::Status LaunchAttention(cudaStream_t stream,
                             const AttentionForwardArguments<float>& a) {
  const AttentionBatch& batch = a.problem.batch;
  const int head_width = a.problem.head_width;
  return ForHeadWidth(head_width, [&](auto quads) {
    return LaunchShared("AttentionForward",
                        ForwardKernel<decltype(quads)::value>,
                        AttentionGrid(batch.query_tile_count, batch.heads),
                        dim3(kThreads), ForwardShared(head_width), stream, a);
  });
}

absl::Status LaunchAttention(cudaStream_t stream,
                             const AttentionBackwardArguments<float>& a) {
  const AttentionBatch& batch = a.problem.batch;
  const int head_width = a.problem.head_width;
  return ForHeadWidth(head_width, [&](auto quads) {
    constexpr int kQuads = decltype(quads)::value;
    RETURN_IF_ERROR(LaunchShared(
        "AttentionQueryBackward", QueryBackwardKernel<kQuads>,
        AttentionGrid(batch.query_tile_count, batch.heads), dim3(kThreads),
        BackwardShared(head_width), stream, a));
    return LaunchShared("AttentionKeyBackward", KeyBackwardKernel<kQuads>,
                        AttentionGrid(batch.key_tile_count, batch.heads),
                        dim3(kThreads), BackwardShared(head_width), stream, a);
  });
}

}  // namespace cuda
}  // namespace anisograd
