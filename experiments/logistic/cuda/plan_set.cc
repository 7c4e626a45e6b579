#include "experiments/logistic/cuda/plan_set.h"

#include <algorithm>

#include "experiments/logistic/cuda/upload.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/status.h"

namespace anisograd {
namespace cuda {
namespace {

// What the order of the samples and their batches depend on.
using PlanKey = std::tuple<uint64_t, int, int, int64_t>;

PlanKey KeyOf(const GridTrainerOptions& options) {
  return {options.seed, options.protocol.sampling(),
          options.protocol.last_batch(), options.batch_size};
}

}  // namespace

PlanSet::PlanSet(const CsrView& data, bool binary,
                 absl::Span<const GridTrainerOptions> grids)
    : data_(data), binary_(binary) {
  std::map<PlanKey, int> numbers;
  for (const GridTrainerOptions& options : grids) {
    const auto [found, added] =
        numbers.emplace(KeyOf(options), static_cast<int>(options_.size()));
    if (added) {
      options_.push_back(&options);
      epochs_.push_back(0);
    }
    const int plan = found->second;
    plan_of_grid_.push_back(plan);
    epochs_[plan] = std::max(epochs_[plan], options.protocol.epochs());
  }
  plans_.resize(options_.size());
  for (DeviceSet& set : sets_) set.buffers.resize(options_.size());
}

absl::Status PlanSet::Prepare(uint32_t epoch, ThreadPool* pool) {
  const int64_t count = static_cast<int64_t>(options_.size());
  const auto is_needed = [&](int64_t i) {
    return static_cast<int64_t>(epoch) < epochs_[i];
  };
  std::vector<absl::Status> built(options_.size());
  pool->ParallelFor(count, [&](int64_t i) {
    if (!is_needed(i)) return;
    built[i] =
        BuildEpochPlan(data_, *options_[i], epoch, binary_, &plans_[i]);
  });
  DeviceSet& set = sets_[epoch % 2];
  std::vector<DevicePlan> table(options_.size());
  for (int64_t i = 0; i < count; ++i) {
    if (!is_needed(i)) continue;
    RETURN_IF_ERROR(built[i]);
    const EpochPlan& plan = plans_[i];
    PlanBuffers& to = set.buffers[i];
    // Slots are a few more or less in every epoch; new memory would wait for
    // the kernels that run.
    const auto upload = [](const auto& values, auto* buffer) {
      return Upload(values, buffer, static_cast<int64_t>(values.size()) / 8);
    };
    RETURN_IF_ERROR(upload(plan.order, &to.order));
    RETURN_IF_ERROR(upload(plan.chunk_start, &to.chunk_start));
    RETURN_IF_ERROR(upload(plan.chunk_offset, &to.chunk_offset));
    RETURN_IF_ERROR(upload(plan.batch_start, &to.batch_start));
    RETURN_IF_ERROR(upload(plan.coordinate, &to.coordinate));
    RETURN_IF_ERROR(upload(plan.entry_start, &to.entry_start));
    RETURN_IF_ERROR(upload(plan.sample, &to.sample));
    RETURN_IF_ERROR(upload(plan.value, &to.value));
    DevicePlan& view = table[i];
    view.samples = static_cast<int64_t>(plan.order.size());
    view.batch_size = options_[i]->batch_size;
    view.order = to.order.data();
    view.chunks = static_cast<int64_t>(plan.chunk_start.size()) - 1;
    view.chunk_start = to.chunk_start.data();
    view.chunk_offset = to.chunk_offset.data();
    view.batch_start = to.batch_start.data();
    view.coordinate = to.coordinate.data();
    view.entry_start = to.entry_start.data();
    view.sample = to.sample.data();
    view.value = binary_ ? nullptr : to.value.data();
  }
  RETURN_IF_ERROR(Upload(table, &set.table));
  // Copies from pageable memory may still be on their way to the device.
  RETURN_IF_CUDA_ERROR(cudaStreamSynchronize(nullptr));
  return absl::OkStatus();
}

}  // namespace cuda
}  // namespace anisograd
