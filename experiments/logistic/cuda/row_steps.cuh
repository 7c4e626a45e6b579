#ifndef EXPERIMENTS_LOGISTIC_CUDA_ROW_STEPS_CUH_
#define EXPERIMENTS_LOGISTIC_CUDA_ROW_STEPS_CUH_

#include <cuda_runtime.h>

#include <cstdint>

#include "experiments/logistic/cuda/device_rules.cuh"
#include "experiments/logistic/cuda/epoch_plan.h"
#include "experiments/logistic/cuda/run_block.cuh"
#include "tools/base/scalar_math.h"
#include "tools/cuda/launch.cuh"

// An epoch at batch size 1: n steps, each of which needs the one before.
//
// Floor: latency, not bytes. A step is a chain of a gather, k / 2 additions for
// a row of k non-zeros, an exponential (some 16 dependent operations), a
// division, and the rule's own chain (a square root and a division for
// AdaGrad). At some 8 cycles a dependent operation in double precision, and
// shared memory about 30 away, that is 500 to 800 cycles for k = 15. The design
// keeps all else out of the chain: rows are copied to shared memory a chunk at
// a time, so that no step waits for the L2 cache; every thread computes the
// margin and the factor itself from the gathered weights, so that nobody waits
// for another to tell, and has loaded what it will update before that chain
// begins; no step hangs on the epoch's loss. What fills the machine is the
// number of runs.
//
// Beyond 1,000 dimensions the gather goes to the L2 cache, or to memory where
// the weights of all runs do not fit there; and a step of Adam there is bound by
// the replay of the steps that were put off, up to some 400 of a root and a
// division each, by a thread for every non-zero.

namespace anisograd {
namespace cuda {

// The rows of a chunk in shared memory.
struct RowChunk {
  uint32_t begin[kChunkRows];   // in the data's index
  uint32_t size[kChunkRows];
  uint32_t offset[kChunkRows];  // in the chunk
  double rate[kChunkRows];
  bool positive[kChunkRows];
};

// scratch: gathered weights, values, indices.
constexpr int kRowScratchDoubles =
    kChunkEntries + kChunkEntries + kChunkEntries / 2;

// Copies rows first .. first + count - 1 of the order; their non-zeros too
// where they fit (returns true). Begins where nobody uses the chunk any more and
// ends with a barrier.
template <typename Block>
__device__ __forceinline__ bool LoadChunk(const Block& block, uint32_t first,
                                          int count, double* value,
                                          uint32_t* index, RowChunk* chunk) {
  const auto& plan = block.plan;
  const auto& data = block.data;
  for (int r = static_cast<int>(threadIdx.x); r < count; r += blockDim.x) {
    const uint32_t row = plan.order[first + r];
    chunk->begin[r] = data.row_start[row];
    chunk->size[r] = data.row_start[row + 1] - data.row_start[row];
    chunk->offset[r] = plan.chunk_offset[first + r];
    chunk->rate[r] = LearningRate(block.run.rule, block.step + r);
    chunk->positive[r] = data.label[row] > 0;
  }
  Block::Barrier();
  const uint32_t entries = chunk->offset[count - 1] + chunk->size[count - 1];
  if (entries > kChunkEntries) return false;
  // A warp a row; the loads of several rows are on their way together.
  const int lane = static_cast<int>(threadIdx.x) % kWarpSize;
  const int warps = static_cast<int>(blockDim.x) / kWarpSize;
#pragma unroll 4
  for (int r = static_cast<int>(threadIdx.x) / kWarpSize; r < count;
       r += warps) {
    for (uint32_t k = lane; k < chunk->size[r]; k += kWarpSize) {
      index[chunk->offset[r] + k] = data.index[chunk->begin[r] + k];
      if (data.value != nullptr) {
        value[chunk->offset[r] + k] = data.value[chunk->begin[r] + k];
      }
    }
  }
  Block::Barrier();
  return true;
}

// <x, w> of one row, the same in every thread: two partial sums, of even and
// odd positions, as in lane_trainer.h. Weights pass through `gathered`, so that
// the threads load them side by side; with `has_mine` a thread has its first of
// them already.
template <typename Block>
__device__ __forceinline__ double GatherDot(
    Block& block, const uint32_t* index, const double* value, uint32_t size,
    const typename Block::Coordinate& mine, bool has_mine, double* gathered) {
  double even = 0.0, odd = 0.0;
  for (uint32_t first = 0; first < size; first += kChunkEntries) {
    if (first > 0) Block::Barrier();
    const uint32_t count =
        size - first < kChunkEntries ? size - first : kChunkEntries;
    for (uint32_t k = threadIdx.x; k < count; k += blockDim.x) {
      if (has_mine && first + k == threadIdx.x) {
        gathered[k] = mine.w;
        continue;
      }
      const uint32_t j = index[first + k];
      block.CatchUp(j);
      gathered[k] = block.weights[j];
    }
    Block::Barrier();
    const auto add = [&](uint32_t k, double* sum) {
      *sum = value == nullptr ? *sum + gathered[k]
                              : MulAdd(value[first + k], gathered[k], *sum);
    };
    uint32_t k = 0;
#pragma unroll 4
    for (; k + 1 < count; k += 2) {
      add(k, &even);
      add(k + 1, &odd);
    }
    if (k < count) add(k, &even);
  }
  return even + odd;
}

// One step; begins behind a barrier.
template <typename Block>
__device__ __forceinline__ void StepOnRow(Block& block, const uint32_t* index,
                                          const double* value, uint32_t size,
                                          bool positive, double learning_rate,
                                          double* gathered) {
  using Rule = typename Block::Rule;
  block.rule.BeginStep(block.step);
  const bool all = Rule::kMovesAll || block.run.all_coordinates;
  // What this thread updates first.
  typename Block::Coordinate mine = {};
  if (all) {
    if (threadIdx.x < block.data.dimension) mine = block.Load(threadIdx.x);
  } else if (threadIdx.x < size) {
    block.CatchUp(index[threadIdx.x]);
    mine = block.Load(index[threadIdx.x]);
  }
  const double dot =
      GatherDot(block, index, value, size, mine, !all, gathered);
  const double z = positive ? dot : -dot;
  block.CheckSample(LossSum<double>::Hinge(z));
  const double factor =
      Block::GradientFactor(z, block.drawn_loss.Add(z), positive, 1.0);
  const auto gradient = [&](uint32_t k) {
    return value == nullptr ? factor : MulAdd(value[k], factor, 0.0);
  };
  double norm_squared = 0.0;
  if constexpr (Rule::kNeedsNorm) {
    for (uint32_t k = 0; k < size; ++k) {
      const double g = gradient(k);
      norm_squared = MulAdd(g, g, norm_squared);
    }
  }
  const double rate = block.rule.Rate(learning_rate, norm_squared);
  if (all) {
    for (uint32_t k = threadIdx.x; k < size; k += blockDim.x) {
      block.gradient[index[k]] = gradient(k);
    }
    Block::Barrier();
    block.UpdateAll(mine, rate);
  } else {
    for (uint32_t k = threadIdx.x; k < size; k += blockDim.x) {
      block.Update(k == threadIdx.x ? mine : block.Load(index[k]), rate,
                   gradient(k), k);
    }
  }
  Block::Barrier();
  block.EndStep(all ? block.data.dimension : size, all ? nullptr : index);
}

template <typename Block>
__device__ __forceinline__ void StepThroughRows(Block& block) {
  ANISOGRAD_SHARED(RowChunk, chunk);
  double* const gathered = block.scratch;
  double* const value = gathered + kChunkEntries;
  uint32_t* const index = reinterpret_cast<uint32_t*>(value + kChunkEntries);
  const bool binary = block.data.value == nullptr;
  for (int64_t c = 0; c < block.plan.chunks; ++c) {
    const uint32_t first = block.plan.chunk_start[c];
    const int count = static_cast<int>(block.plan.chunk_start[c + 1] - first);
    const bool loaded = LoadChunk(block, first, count, value, index, &chunk);
    for (int r = 0; r < count; ++r) {
      const uint32_t* row_index =
          loaded ? index + chunk.offset[r] : block.data.index + chunk.begin[r];
      const double* row_value =
          binary ? nullptr
                 : (loaded ? value + chunk.offset[r]
                           : block.data.value + chunk.begin[r]);
      StepOnRow(block, row_index, row_value, chunk.size[r], chunk.positive[r],
                chunk.rate[r], gathered);
    }
  }
}

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_ROW_STEPS_CUH_
