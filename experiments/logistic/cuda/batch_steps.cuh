#ifndef EXPERIMENTS_LOGISTIC_CUDA_BATCH_STEPS_CUH_
#define EXPERIMENTS_LOGISTIC_CUDA_BATCH_STEPS_CUH_

#include <cuda_runtime.h>

#include <cstdint>

#include "experiments/logistic/cuda/device_rules.cuh"
#include "experiments/logistic/cuda/iterate.cuh"
#include "experiments/logistic/cuda/row_margin.cuh"
#include "experiments/logistic/cuda/run_block.cuh"
#include "tools/base/scalar_math.h"

// An epoch at batch size M > 1: a thread a sample for the margins, a thread a
// touched coordinate for the gradient and the update, in the CPU's order of
// summation by the epoch's plan.
//
// Floor: latency again. A coordinate that all M samples have, such as the bias,
// is a chain of M additions of some 8 cycles, and so is the batch's loss, which
// the last thread adds up beside it: n chained additions an epoch whatever M
// is, 0.15 ms for n = 32,000, beside n / M times the few thousand cycles of a
// step's gathers from the L2 cache and its three barriers. Bytes of a step, all
// from the L2 cache: 4 (8 more with values) a non-zero for each of the two ways
// through the batch.

namespace anisograd {
namespace cuda {

constexpr int kBatchScratchDoubles = kSampleNumbers * kSharedBatch;

// One step on the samples first .. first + count - 1 of the order, with the
// slots first_slot .. end_slot - 1; begins and ends behind a barrier.
// `sample_numbers`: kSampleNumbers arrays of largest_batch.
template <typename Block>
__device__ __forceinline__ void StepOnBatch(Block& block, int64_t first,
                                            int64_t count, uint32_t first_slot,
                                            uint32_t end_slot,
                                            double* sample_numbers,
                                            int64_t largest_batch) {
  using Rule = typename Block::Rule;
  using Loss = LossSum<double>;
  const auto& plan = block.plan;
  const auto& data = block.data;
  double* const factor = sample_numbers;
  double* const hinge = factor + largest_batch;
  double* const loss_factor = hinge + largest_batch;
  const double learning_rate = LearningRate(block.run.rule, block.step);
  block.rule.BeginStep(block.step);

  if constexpr (Rule::kWeightsLag) {
    // The forward pass must see where the rule has carried the weights.
    for (uint32_t s = first_slot + threadIdx.x; s < end_slot;
         s += blockDim.x) {
      block.CatchUp(plan.coordinate[s]);
    }
    Block::Barrier();
  }

  const double scale = 1.0 / static_cast<double>(count);
  for (int64_t i = threadIdx.x; i < count; i += blockDim.x) {
    const uint32_t row = plan.order[first + i];
    const double z = RowMargin(data, row, block.weights);
    const double e = ExpNonPositive(-Abs(z));
    hinge[i] = Loss::Hinge(z);
    loss_factor[i] = Loss::Factor(e);
    factor[i] = Block::GradientFactor(z, e, data.label[row] > 0, scale);
  }
  Block::Barrier();

  if (IsLastThread()) {
    for (int64_t i = 0; i < count; ++i) {
      block.CheckSample(hinge[i]);
      block.drawn_loss.AddTerms(hinge[i], loss_factor[i]);
    }
  }
  const bool all = Rule::kMovesAll || block.run.all_coordinates;
  const bool at_once = !all && !Rule::kNeedsNorm;
  for (uint32_t s = first_slot + threadIdx.x; s < end_slot; s += blockDim.x) {
    double g = 0.0;
#pragma unroll 8
    for (uint32_t e = plan.entry_start[s]; e < plan.entry_start[s + 1]; ++e) {
      const double f = factor[plan.sample[e]];
      g = plan.value == nullptr ? g + f : MulAdd(plan.value[e], f, g);
    }
    if (at_once) {
      block.Update(block.Load(plan.coordinate[s]),
                   block.rule.Rate(learning_rate, 0.0), g);
    } else {
      block.gradient[all ? plan.coordinate[s] : s - first_slot] = g;
    }
  }
  Block::Barrier();
  if (at_once) return;

  const double norm_squared =
      Rule::kNeedsNorm
          ? block.NormSquared(block.gradient,
                              all ? data.dimension : end_slot - first_slot)
          : 0.0;
  const double rate = block.rule.Rate(learning_rate, norm_squared);
  // Who is done may set to zero what others still add up.
  if constexpr (Rule::kNeedsNorm) Block::Barrier();
  if (all) {
    typename Block::Coordinate mine = {};
    if (threadIdx.x < data.dimension) mine = block.Load(threadIdx.x);
    block.UpdateAll(mine, rate);
  } else {
    for (uint32_t s = first_slot + threadIdx.x; s < end_slot;
         s += blockDim.x) {
      const double g = block.gradient[s - first_slot];
      block.gradient[s - first_slot] = 0.0;
      block.Update(block.Load(plan.coordinate[s]), rate, g);
    }
  }
  Block::Barrier();
}

template <typename Block>
__device__ __forceinline__ void StepThroughBatches(Block& block) {
  const int64_t batch_size = block.plan.batch_size;
  double* const sample_numbers =
      batch_size <= kSharedBatch ? block.scratch : block.run.batch_scratch;
  const int64_t n = block.plan.samples;
  const int64_t largest = n < batch_size ? n : batch_size;
  for (int64_t b = 0; b * batch_size < n; ++b) {
    const int64_t first = b * batch_size;
    StepOnBatch(block, first, n - first < largest ? n - first : largest,
                block.plan.batch_start[b], block.plan.batch_start[b + 1],
                sample_numbers, largest);
    block.EndStep();
  }
}

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_BATCH_STEPS_CUH_
