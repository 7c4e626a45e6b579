#ifndef EXPERIMENTS_LOGISTIC_CUDA_PLAN_SET_H_
#define EXPERIMENTS_LOGISTIC_CUDA_PLAN_SET_H_

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "data/csr.h"
#include "experiments/logistic/cuda/device_run.h"
#include "experiments/logistic/cuda/epoch_plan.h"
#include "experiments/logistic/lanes/grid_run.h"
#include "tools/base/thread_pool.h"
#include "tools/cuda/device_buffer.h"

namespace anisograd {
namespace cuda {

// The plans of a family: one for each distinct order of samples and batch size
// among its grids. While the device works through one epoch's plans, the host
// builds the next epoch's and copies them to a second set of buffers.
class PlanSet {
 public:
  // `data` and `grids` must outlive the set.
  PlanSet(const CsrView& data, bool binary,
          absl::Span<const GridTrainerOptions> grids);

  // Number of the plan that a grid's runs walk through.
  int plan_of_grid(int64_t grid) const { return plan_of_grid_[grid]; }

  // Builds the plans of epoch `epoch` (from 0), in parallel, and copies them to
  // the device, whose work on the other parity of epochs may go on. Done when
  // it returns.
  absl::Status Prepare(uint32_t epoch, ThreadPool* pool);

  // On the device, by number of the plan; of an epoch that was prepared last or
  // last but one.
  const DevicePlan* device_plans(uint32_t epoch) const {
    return sets_[epoch % 2].table.data();
  }

 private:
  struct PlanBuffers {
    DeviceBuffer<uint32_t> order, chunk_start, chunk_offset;
    DeviceBuffer<uint32_t> batch_start, coordinate, entry_start, sample;
    DeviceBuffer<double> value;
  };
  struct DeviceSet {
    std::vector<PlanBuffers> buffers;
    DeviceBuffer<DevicePlan> table;
  };

  const CsrView& data_;
  const bool binary_;
  // By number of the plan: a grid that it belongs to, and the most epochs that
  // any of its grids has.
  std::vector<const GridTrainerOptions*> options_;
  std::vector<int> epochs_;
  std::vector<int> plan_of_grid_;
  std::vector<EpochPlan> plans_;
  DeviceSet sets_[2];
};

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_PLAN_SET_H_
