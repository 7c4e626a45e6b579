#ifndef EXPERIMENTS_LOGISTIC_CUDA_DEVICE_RUN_H_
#define EXPERIMENTS_LOGISTIC_CUDA_DEVICE_RUN_H_

#include <cstddef>
#include <cstdint>

#include "tools/base/host_device.h"

// What the kernels of a family read and write. All pointers are to the device's
// memory. A run is one grid point of one seed, method and batch size.

namespace anisograd {
namespace cuda {

// Numbers that a batch keeps of each sample: its factor in the gradient, and
// its two terms of the loss. Batches up to kSharedBatch have them in shared memory.
constexpr int kSampleNumbers = 3;
constexpr int kSharedBatch = 1024;

// The problem's rows; `value` is nullptr where all values are 1.
struct DeviceRows {
  const uint32_t* row_start;
  const uint32_t* index;
  const double* value;
  const int8_t* label;
  int64_t rows;
  int64_t dimension;
};

// An EpochPlan (epoch_plan.h) on the device.
struct DevicePlan {
  int64_t samples;
  int64_t batch_size;
  const uint32_t* order;
  // batch_size 1
  int64_t chunks;
  const uint32_t* chunk_start;
  const uint32_t* chunk_offset;
  // larger
  const uint32_t* batch_start;
  const uint32_t* coordinate;
  const uint32_t* entry_start;
  const uint32_t* sample;
  const double* value;
};

// An update rule over doubles as bytes (optim/rules.h), its learning rates and
// its clock's numbers, by step over all epochs.
constexpr size_t kRuleBytes = 64;
struct RuleConstants {
  alignas(8) unsigned char rule[kRuleBytes];
  double learning_rate;
  const double* schedule_factor;
  // Number i of step t is numbers[i * number_steps + t].
  const double* numbers;
  int64_t number_steps;
};

// A run's numbers in one piece of memory: w, the rule's states, the batch's
// gradient (zero between steps) and, of an averaged iterate, sum_s w_s, d
// doubles each; then, with averages or steps put off, d counts of the steps
// that each coordinate's sum, or the coordinate, has seen.
struct RunLayout {
  int64_t dimension;
  int states;
  bool average;
  bool counts;

  ANISOGRAD_HOST_DEVICE int64_t gradient() const {
    return (1 + states) * dimension;
  }
  ANISOGRAD_HOST_DEVICE int64_t average_sum() const {
    return gradient() + dimension;
  }
  ANISOGRAD_HOST_DEVICE int64_t count() const {
    return average_sum() + (average ? dimension : 0);
  }
  // In doubles.
  ANISOGRAD_HOST_DEVICE int64_t size() const {
    return count() + (counts ? (dimension + 1) / 2 : 0);
  }
};

// What does not change while a run lives.
struct RunParameters {
  RuleConstants rule;
  int plan;
  int epochs;
  // Every step goes through all coordinates (TouchesMostCoordinates).
  bool all_coordinates;
  bool average;
  // 0 for none.
  double box_radius;
  // Of -y <x, w>; infinity for none.
  double sample_loss_limit;
  double* memory;
  // d numbers for the averaged iterate; only with `average`.
  double* mean;
  // kSampleNumbers a sample; only for batches beyond kSharedBatch.
  double* batch_scratch;
  // Distances are measured to each of these, d numbers each.
  int optima;
  const double* const* optimum;
  // Per optimum: the largest distances so far, |.|_2 and |.|_inf.
  double* max_distance;
};

// What does.
struct RunState {
  double norm_accumulator;  // of rules that need the gradient's norm
  int64_t steps;
  int64_t explosion_step;   // -1 for none
  double drawn_loss_sum;    // of the epoch
  double loss_sum;          // over all rows, at the protocol's iterate
};

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_DEVICE_RUN_H_
