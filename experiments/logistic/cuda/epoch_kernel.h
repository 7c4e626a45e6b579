#ifndef EXPERIMENTS_LOGISTIC_CUDA_EPOCH_KERNEL_H_
#define EXPERIMENTS_LOGISTIC_CUDA_EPOCH_KERNEL_H_

#include <cuda_runtime_api.h>

#include <cstdint>
#include <tuple>

#include "absl/status/status.h"
#include "experiments/logistic/cuda/device_run.h"
#include "optim/optimizer.pb.h"

namespace anisograd {
namespace cuda {

// A rule of optim/rules.h and whether its steps on coordinates at rest are put
// off (PutsStepsOff).
struct RuleKind {
  OptimizerSpec::RuleCase rule;
  bool put_off;
};
inline bool operator<(RuleKind a, RuleKind b) {
  return std::tie(a.rule, a.put_off) < std::tie(b.rule, b.put_off);
}

RunLayout MakeRunLayout(RuleKind kind, bool average, bool every_step,
                        int64_t dimension);

// Threads of a run's block: one for each sample of a batch or coordinate that
// it touches, whole warps, 32 to 256.
int EpochThreads(int64_t batch_size, int64_t mean_nonzeros, int64_t dimension,
                 bool all_coordinates);

// Runs of one rule and number of threads, and the arrays that they stand in.
struct RunGroup {
  RuleKind kind;
  int threads;
  // Whether averages are kept, for all runs of the group alike.
  bool average;
  // Likewise, whether distances are followed at every step.
  bool every_step;
  // Numbers of the group's runs.
  const int* ids;
  int count;

  const DevicePlan* plans;
  const RunParameters* parameters;
  RunState* states;
};

// Loads the code that LaunchEpoch starts for runs of this kind, before any runs:
// what CUDA loads at a first launch may wait for all that runs, so that groups
// would take their first epochs one after the other.
absl::Status LoadEpochKernel(RuleKind kind);

// Trains the group's runs for epoch `epoch` (from 0), a block a run; those
// whose protocol has no such epoch stay as they are. Every coordinate is up to date
// afterwards. The same bits whatever else runs.
absl::Status LaunchEpoch(cudaStream_t stream, const DeviceRows& data,
                         const RunGroup& group, int epoch);

// Then measures the runs after `epoch` epochs: loss_sum of their states, and
// the distances to the optima.
absl::Status LaunchEvaluate(cudaStream_t stream, const DeviceRows& data,
                            const RunGroup& group, int epoch);

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_EPOCH_KERNEL_H_
