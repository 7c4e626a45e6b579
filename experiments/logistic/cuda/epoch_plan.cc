#include "experiments/logistic/cuda/epoch_plan.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "experiments/logistic/lanes/sample_order.h"

namespace anisograd {
namespace {

int64_t RowSize(const CsrView& data, uint32_t row) {
  return int64_t{data.row_start[row + 1]} - data.row_start[row];
}

void CutIntoChunks(const CsrView& data, EpochPlan* plan) {
  plan->chunk_start.assign(1, 0);
  plan->chunk_offset.resize(plan->order.size());
  int64_t rows = 0, entries = 0;
  for (size_t p = 0; p < plan->order.size(); ++p) {
    const int64_t size = RowSize(data, plan->order[p]);
    if (rows == kChunkRows || (rows > 0 && entries + size > kChunkEntries)) {
      plan->chunk_start.push_back(static_cast<uint32_t>(p));
      rows = entries = 0;
    }
    plan->chunk_offset[p] = static_cast<uint32_t>(entries);
    ++rows;
    entries += size;
  }
  plan->chunk_start.push_back(static_cast<uint32_t>(plan->order.size()));
}

// Transposes the batches one by one.
class Transposer {
 public:
  Transposer(const CsrView& data, bool binary, EpochPlan* plan)
      : data_(data),
        binary_(binary),
        plan_(*plan),
        slot_(static_cast<size_t>(data.features), kNoSlot) {}

  // `entries`: non-zeros of the whole epoch.
  void Start(int64_t entries) {
    plan_.batch_start.assign(1, 0);
    plan_.coordinate.clear();
    plan_.entry_start.assign(1, 0);
    plan_.sample.resize(static_cast<size_t>(entries));
    plan_.value.resize(binary_ ? 0 : static_cast<size_t>(entries));
  }

  void AddBatch(size_t first, size_t count) {
    const size_t first_slot = plan_.coordinate.size();
    // Per slot, first the number of its entries.
    ForEachEntry(first, count, [&](uint32_t, uint32_t k) {
      const uint32_t j = data_.index[k];
      if (slot_[j] == kNoSlot) {
        slot_[j] = static_cast<uint32_t>(plan_.coordinate.size());
        plan_.coordinate.push_back(j);
        plan_.entry_start.push_back(0);
      }
      ++plan_.entry_start[slot_[j] + 1];
    });
    next_.resize(plan_.coordinate.size() - first_slot);
    for (size_t s = first_slot; s < plan_.coordinate.size(); ++s) {
      next_[s - first_slot] = plan_.entry_start[s];
      plan_.entry_start[s + 1] += plan_.entry_start[s];
    }
    ForEachEntry(first, count, [&](uint32_t sample, uint32_t k) {
      const uint32_t e = next_[slot_[data_.index[k]] - first_slot]++;
      plan_.sample[e] = sample;
      if (!binary_) plan_.value[e] = data_.value[k];
    });
    for (size_t s = first_slot; s < plan_.coordinate.size(); ++s) {
      slot_[plan_.coordinate[s]] = kNoSlot;
    }
    plan_.batch_start.push_back(static_cast<uint32_t>(plan_.coordinate.size()));
  }

 private:
  static constexpr uint32_t kNoSlot = std::numeric_limits<uint32_t>::max();

  // f(position in the batch, index of the non-zero).
  template <typename F>
  void ForEachEntry(size_t first, size_t count, F f) const {
    for (size_t s = 0; s < count; ++s) {
      const uint32_t row = plan_.order[first + s];
      for (uint32_t k = data_.row_start[row]; k < data_.row_start[row + 1];
           ++k) {
        f(static_cast<uint32_t>(s), k);
      }
    }
  }

  const CsrView& data_;
  const bool binary_;
  EpochPlan& plan_;
  // Of each coordinate in the present batch.
  std::vector<uint32_t> slot_;
  // Of each slot of the batch, where its next entry goes.
  std::vector<uint32_t> next_;
};

}  // namespace

absl::Status BuildEpochPlan(const CsrView& data,
                            const GridTrainerOptions& options, uint32_t epoch,
                            bool binary, EpochPlan* plan) {
  DrawSampleOrder(options, data.rows, epoch, &plan->order);
  if (options.batch_size == 1) {
    CutIntoChunks(data, plan);
    return absl::OkStatus();
  }
  int64_t entries = 0;
  for (const uint32_t row : plan->order) entries += RowSize(data, row);
  // Slots are no more than entries.
  if (entries >= std::numeric_limits<uint32_t>::max()) {
    return absl::ResourceExhaustedError(
        "an epoch draws 2^32 non-zeros or more");
  }
  Transposer transposer(data, binary, plan);
  transposer.Start(entries);
  const size_t n = plan->order.size();
  const size_t batch_size = static_cast<size_t>(options.batch_size);
  for (size_t first = 0; first < n; first += batch_size) {
    transposer.AddBatch(first, std::min(batch_size, n - first));
  }
  return absl::OkStatus();
}

}  // namespace anisograd
