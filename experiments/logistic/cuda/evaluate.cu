// The loss of many runs over all rows, and their distances to the optima, a
// block a run.
//
// Floor: a run's loss is two chains of n operations of some 8 cycles, which the
// last thread goes through in the order of the rows, as on the CPU: 0.15 ms for
// n = 32,000. The other warps compute the next tile's terms meanwhile, a thread
// a row; a non-zero takes 4 bytes (12 with its value) and a weight from the L2
// cache, so large data in large dimensions are bound by its bandwidth.

#include <cuda_runtime.h>

#include <cstdint>

#include "experiments/logistic/cuda/device_run.h"
#include "experiments/logistic/cuda/epoch_kernel.h"
#include "experiments/logistic/cuda/iterate.cuh"
#include "experiments/logistic/cuda/row_margin.cuh"
#include "experiments/logistic/problem/loss_sum.h"
#include "tools/base/scalar_math.h"
#include "tools/cuda/launch.cuh"

namespace anisograd {
namespace cuda {
namespace {

constexpr int kThreads = 256;
// Threads that compute terms; the last warp adds up.
constexpr int kTermThreads = kThreads - kWarpSize;
constexpr int kTileRows = 2 * kTermThreads;

struct LossTerms {
  double hinge[kTileRows];
  double factor[kTileRows];
};
using TwoTiles = LossTerms[2];

// Four blocks a multiprocessor, as a family's 576 runs need: without a number,
// nvcc has six in mind, 40 registers a thread, and spills.
__global__ void __launch_bounds__(kThreads, 4)
    EvaluateKernel(DeviceRows data, RunGroup group, RunLayout layout,
                   int epoch) {
  ANISOGRAD_SHARED(TwoTiles, terms);
  const int id = group.ids[blockIdx.x];
  const RunParameters run = group.parameters[id];
  if (epoch > run.epochs) return;
  const Iterate iterate = {
      run.memory, run.average, run.memory + layout.average_sum(),
      reinterpret_cast<const uint32_t*>(run.memory + layout.count()),
      group.states[id].steps};
  const double* weights = run.memory;
  if (run.average) {
    for (int64_t j = threadIdx.x; j < data.dimension; j += kThreads) {
      run.mean[j] = iterate.At(j);
    }
    __syncthreads();
    weights = run.mean;
  }

  LossSum<double> loss;
  const int64_t tiles = CeilDiv(data.rows, kTileRows);
  for (int64_t tile = 0; tile <= tiles; ++tile) {
    if (threadIdx.x < kTermThreads && tile < tiles) {
      LossTerms& mine = terms[tile % 2];
      for (int i = static_cast<int>(threadIdx.x); i < kTileRows;
           i += kTermThreads) {
        const int64_t row = tile * kTileRows + i;
        if (row >= data.rows) break;
        const double z = RowMargin(data, static_cast<uint32_t>(row), weights);
        mine.hinge[i] = LossSum<double>::Hinge(z);
        mine.factor[i] = LossSum<double>::Factor(ExpNonPositive(-Abs(z)));
      }
    } else if (IsLastThread() && tile > 0) {
      const LossTerms& full = terms[(tile - 1) % 2];
      const int64_t rest = data.rows - (tile - 1) * kTileRows;
      const int count = static_cast<int>(rest < kTileRows ? rest : kTileRows);
#pragma unroll 4
      for (int i = 0; i < count; ++i) {
        loss.AddTerms(full.hinge[i], full.factor[i]);
      }
    }
    __syncthreads();
  }
  if (IsLastThread()) group.states[id].loss_sum = loss.Total();
  static_assert(kDistanceTile <= kTileRows, "the tile fits into the terms");
  MeasureDistances(run, iterate, data.dimension, terms[0].hinge);
}

}  // namespace

absl::Status LaunchEvaluate(cudaStream_t stream, const DeviceRows& data,
                            const RunGroup& group, int epoch) {
  return Launch("EvaluateKernel", EvaluateKernel,
                dim3(static_cast<unsigned>(group.count)), dim3(kThreads),
                stream, data, group,
                MakeRunLayout(group.kind, group.average, group.every_step,
                              data.dimension),
                epoch);
}

}  // namespace cuda
}  // namespace anisograd
