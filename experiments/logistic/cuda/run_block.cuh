#ifndef EXPERIMENTS_LOGISTIC_CUDA_RUN_BLOCK_CUH_
#define EXPERIMENTS_LOGISTIC_CUDA_RUN_BLOCK_CUH_

#include <cuda_runtime.h>

#include <cstdint>
#include <limits>

#include "experiments/logistic/cuda/device_rules.cuh"
#include "experiments/logistic/cuda/device_run.h"
#include "experiments/logistic/cuda/iterate.cuh"
#include "experiments/logistic/problem/loss_sum.h"
#include "optim/averaging.h"
#include "tools/base/scalar_math.h"
#include "tools/cuda/launch.cuh"

namespace anisograd {
namespace cuda {

// One run as its block sees it: where the numbers are, in shared memory or not,
// and how one coordinate moves. What lane_trainer.h is for eight runs on the
// CPU. Every thread has a copy; what is kept in registers here is the same in
// all threads, but for the loss and the explosion where the kernel says so.
template <typename RuleType>
class RunBlock {
 public:
  using Rule = RuleType;

  // `memory` as `layout` has it: the run's own, or a copy in shared memory.
  // `scratch`: kScratchDoubles in shared memory.
  __device__ RunBlock(const DeviceRows& rows, const RunParameters& parameters,
                      const DevicePlan& epoch_plan, const RunState& state,
                      const RunLayout& layout, double* memory, double* scratch)
      : data(rows),
        run(parameters),
        plan(epoch_plan),
        scratch(scratch),
        rule(parameters.rule, state.norm_accumulator),
        step(state.steps),
        explosion_step(state.explosion_step),
        loss_limit(state.explosion_step < 0
                       ? parameters.sample_loss_limit
                       : std::numeric_limits<double>::infinity()),
        weights(memory),
        states(memory + layout.dimension),
        gradient(memory + layout.gradient()),
        average_sum(memory + layout.average_sum()),
        until(reinterpret_cast<uint32_t*>(memory + layout.count())) {}

  // Applies to coordinate j the steps that were put off.
  __device__ void CatchUp(int64_t j) {
    if constexpr (Rule::kWeightsLag) {
      if (until[j] == step) return;
      Coordinate c = Load(j);
      rule.CatchUp(until[j], step, &c.w, c.states);
      Store(c);
      until[j] = static_cast<uint32_t>(step);
    }
  }

  // A barrier of the block: where it is one warp, the cheaper one of that.
  __device__ static void Barrier() {
    if (blockDim.x == kWarpSize) {
      __syncwarp();
    } else {
      __syncthreads();
    }
  }

  // One coordinate in a thread's registers, so that its loads can be on their
  // way long before its gradient is known.
  struct Coordinate {
    int64_t j;
    double w;
    double states[Rule::kStates + 1];
  };
  __device__ Coordinate Load(int64_t j) const {
    Coordinate c;
    c.j = j;
    c.w = weights[j];
#pragma unroll
    for (int i = 0; i < Rule::kStates; ++i) {
      c.states[i] = states[i * data.dimension + j];
    }
    return c;
  }
  __device__ void Store(const Coordinate& c) {
    weights[c.j] = c.w;
#pragma unroll
    for (int i = 0; i < Rule::kStates; ++i) {
      states[i * data.dimension + c.j] = c.states[i];
    }
  }

  // Step `step` of a coordinate that has not changed since it was loaded.
  __device__ void Update(Coordinate c, double rate, double g) {
    if (run.average) {
      average_sum[c.j] =
          ExtendIterateSum(average_sum[c.j], c.w, until[c.j], step + 1);
    }
    if constexpr (Rule::kStatesLag) {
      rule.CatchUp(until[c.j], step, &c.w, c.states);
    }
    rule.Update(rate, g, &c.w, c.states);
    // The projection onto a box, the same under any diagonal norm.
    if (run.box_radius > 0.0) {
      c.w = Min(Max(c.w, -run.box_radius), run.box_radius);
    }
    if (Rule::kWeightsLag || Rule::kStatesLag || run.average) {
      until[c.j] = static_cast<uint32_t>(step + 1);
    }
    Store(c);
  }

  // Step `step` of all coordinates, whose gradient it takes and sets to zero.
  // `mine`: coordinate threadIdx.x, where there is one.
  __device__ void UpdateAll(const Coordinate& mine, double rate) {
    for (int64_t j = threadIdx.x; j < data.dimension; j += blockDim.x) {
      const double g = gradient[j];
      gradient[j] = 0.0;
      Update(j == threadIdx.x ? mine : Load(j), rate, g);
    }
  }

  // sum_i g_i^2 in order, in every thread alike. The loads of a warp are one.
  __device__ double NormSquared(const double* g, int64_t n) const {
    double sum = 0.0;
#pragma unroll 8
    for (int64_t i = 0; i < n; ++i) sum = MulAdd(g[i], g[i], sum);
    return sum;
  }

  // -y sigma(-y <x, w>) times `scale`: the factor of x in the gradient.
  __device__ static double GradientFactor(double z, double e, bool positive,
                                          double scale) {
    return LogisticResidual(z, e) * (positive ? -scale : scale);
  }

  // A sample with the loss max(-z, 0) or more.
  __device__ void CheckSample(double hinge) {
    if (hinge > loss_limit) {
      explosion_step = step;
      loss_limit = std::numeric_limits<double>::infinity();
    }
  }

  // After a step, behind a barrier. Distances are measured where the number of
  // steps is a power of two.
  __device__ void EndStep() {
    ++step;
    if ((step & (step - 1)) != 0) return;
    Synchronise();
    MeasureDistances(run, iterate(), data.dimension, scratch);
    Barrier();
  }

  // Brings every coordinate to the present step; ends with a barrier.
  __device__ void Synchronise() {
    if constexpr (Rule::kWeightsLag) {
      for (int64_t j = threadIdx.x; j < data.dimension; j += blockDim.x) {
        CatchUp(j);
      }
      Barrier();
    }
  }

  __device__ Iterate iterate() const {
    return {weights, run.average, average_sum, until, step};
  }

  const DeviceRows& data;
  const RunParameters& run;
  const DevicePlan& plan;
  double* const scratch;
  Rule rule;
  int64_t step;
  int64_t explosion_step;
  double loss_limit;
  LossSum<double> drawn_loss;

  double* const weights;
  double* const states;
  double* const gradient;
  double* const average_sum;
  uint32_t* const until;
};

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_RUN_BLOCK_CUH_
