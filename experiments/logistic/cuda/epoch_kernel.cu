// One epoch of many runs, a block a run. The floors stand in row_steps.cuh and
// batch_steps.cuh: dependent operations in double precision bound a run, so the
// time of a family is that of its longest chain, batch size 1, as long as those
// runs fit on the machine at once (96 for a data set of the paper, 30 KiB of
// shared memory and 1 to 4 warps each). Not measured.

#include "experiments/logistic/cuda/epoch_kernel.h"

#include <cuda_runtime.h>

#include <algorithm>
#include <type_traits>

#include "experiments/logistic/cuda/batch_steps.cuh"
#include "experiments/logistic/cuda/device_rules.cuh"
#include "experiments/logistic/cuda/row_steps.cuh"
#include "experiments/logistic/cuda/run_block.cuh"
#include "optim/rules.h"
#include "tools/cuda/launch.cuh"

namespace anisograd {
namespace cuda {
namespace {

constexpr int kScratchDoubles = kBatchScratchDoubles > kRowScratchDoubles
                                    ? kBatchScratchDoubles
                                    : kRowScratchDoubles;
static_assert(kDistanceTile <= kChunkEntries,
              "the tile lies where rows do not");
// Weights and states of a run move to shared memory where they are no more:
// six such blocks fit on a multiprocessor.
constexpr int64_t kMostSharedDoubles = 1024;

// 128 registers a thread, so that none of the chain's numbers are spilled.
template <typename Rule>
__global__ void __launch_bounds__(256, 2)
    EpochKernel(DeviceRows data, RunGroup group, RunLayout layout, int epoch,
                bool shared_memory) {
  const int id = group.ids[blockIdx.x];
  const RunParameters run = group.parameters[id];
  if (epoch >= run.epochs) return;
  const DevicePlan plan = group.plans[run.plan];
  double* const scratch = reinterpret_cast<double*>(DynamicShared());
  double* memory = run.memory;
  if (shared_memory) {
    memory = scratch + kScratchDoubles;
    for (int64_t i = threadIdx.x; i < layout.size(); i += blockDim.x) {
      memory[i] = run.memory[i];
    }
    __syncthreads();
  }
  RunBlock<Rule> block(data, run, plan, group.states[id], layout, memory,
                       scratch);
  if (plan.batch_size == 1) {
    StepThroughRows(block);
  } else {
    StepThroughBatches(block);
  }
  block.Synchronise();
  if (shared_memory) {
    for (int64_t i = threadIdx.x; i < layout.size(); i += blockDim.x) {
      run.memory[i] = memory[i];
    }
  }
  // Others may have no loss.
  if (IsLastThread()) {
    RunState* const state = group.states + id;
    if constexpr (Rule::kNeedsNorm) {
      state->norm_accumulator = block.rule.accumulator;
    }
    state->steps = block.step;
    state->explosion_step = block.explosion_step;
    state->drawn_loss_sum = block.drawn_loss.Total();
  }
}

// f(a null pointer to the DeviceRule of that kind).
template <typename F>
absl::Status WithDeviceRule(RuleKind kind, F f) {
  return WithRule(kind.rule, [&](auto tag) {
    using Rule = RuleOf<decltype(tag), double>;
    if constexpr (Rule::kAtRest == AtRest::kAllMove) {
      if (kind.put_off) return f(static_cast<DeviceRule<Rule, true>*>(nullptr));
    }
    return f(static_cast<DeviceRule<Rule, false>*>(nullptr));
  });
}

template <typename Rule>
absl::Status LaunchEpochOf(cudaStream_t stream, const DeviceRows& data,
                           const RunGroup& group, int epoch) {
  const RunLayout layout = MakeRunLayout(group.kind, group.average,
                                         group.every_step, data.dimension);
  const bool shared_memory = layout.size() <= kMostSharedDoubles;
  const size_t doubles = static_cast<size_t>(
      kScratchDoubles + (shared_memory ? layout.size() : 0));
  return LaunchShared("EpochKernel", EpochKernel<Rule>,
                      dim3(static_cast<unsigned>(group.count)),
                      dim3(static_cast<unsigned>(group.threads)),
                      doubles * sizeof(double), stream, data, group, layout,
                      epoch, shared_memory);
}

}  // namespace

int EpochThreads(int64_t batch_size, int64_t mean_nonzeros, int64_t dimension,
                 bool all_coordinates) {
  const int64_t touched = std::min(
      dimension, all_coordinates ? dimension : batch_size * mean_nonzeros);
  const int64_t wanted = CeilDiv(std::max(batch_size, touched), kWarpSize);
  return static_cast<int>(std::min<int64_t>(std::max<int64_t>(wanted, 1), 8)) *
         kWarpSize;
}

RunLayout MakeRunLayout(RuleKind kind, bool average, bool every_step,
                        int64_t dimension) {
  RunLayout layout = {dimension, 0, average, every_step, average};
  // Kinds that are none have been refused; LaunchEpoch would say so too.
  WithDeviceRule(kind, [&](auto* rule) {
    using Rule = std::remove_pointer_t<decltype(rule)>;
    layout.states = Rule::kStates;
    layout.counts |= Rule::kWeightsLag || Rule::kStatesLag;
    return absl::OkStatus();
  }).IgnoreError();
  return layout;
}

absl::Status LoadEpochKernel(RuleKind kind) {
  return WithDeviceRule(kind, [](auto* rule) {
    return Load("EpochKernel",
                EpochKernel<std::remove_pointer_t<decltype(rule)>>);
  });
}

absl::Status LaunchEpoch(cudaStream_t stream, const DeviceRows& data,
                         const RunGroup& group, int epoch) {
  return WithDeviceRule(group.kind, [&](auto* rule) {
    return LaunchEpochOf<std::remove_pointer_t<decltype(rule)>>(stream, data,
                                                               group, epoch);
  });
}

}  // namespace cuda
}  // namespace anisograd
