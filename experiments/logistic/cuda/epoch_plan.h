#ifndef EXPERIMENTS_LOGISTIC_CUDA_EPOCH_PLAN_H_
#define EXPERIMENTS_LOGISTIC_CUDA_EPOCH_PLAN_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "data/csr.h"
#include "experiments/logistic/lanes/grid_run.h"

namespace anisograd {

// Rows and non-zeros that a block copies to its shared memory at a time.
constexpr int kChunkRows = 64;
constexpr int kChunkEntries = 1024;

// How the runs of one seed and batch size M walk through one epoch, prepared on
// the host so that no thread of a device has to search or to count.
//
// M = 1 goes through rows, in chunks. M > 1 goes through its batches twice: by
// sample, for the margins, and by coordinate, for the gradient. For the second
// the batch is transposed: a slot is a coordinate that the batch touches, in
// the order in which the batch first touches them, and has the batch's samples with
// a non-zero there in the batch's order. So one thread can add up one
// coordinate's gradient in the CPU's order, without atomics.
struct EpochPlan {
  // Samples in the order of the epoch.
  std::vector<uint32_t> order;

  // M = 1. Chunk c has the positions chunk_start[c] .. chunk_start[c + 1] - 1
  // of `order`: at most kChunkRows rows of at most kChunkEntries non-zeros in
  // all, or one longer row.
  std::vector<uint32_t> chunk_start;
  // Non-zeros of the chunk before each position's row.
  std::vector<uint32_t> chunk_offset;

  // M > 1. Batch b has the slots batch_start[b] .. batch_start[b + 1] - 1.
  std::vector<uint32_t> batch_start;
  // Per slot: the coordinate, and where its entries start (with the end).
  std::vector<uint32_t> coordinate;
  std::vector<uint32_t> entry_start;
  // Per entry: the sample's position in its batch, and the value there; no
  // values where all of the data's are 1.
  std::vector<uint32_t> sample;
  std::vector<double> value;
};

// The plan of epoch `epoch` (from 0) for the seed and batch size of `options`;
// of the plan's vectors, the memory is used again. `binary`: all values are 1.
// ResourceExhausted where an epoch draws 2^32 non-zeros or more.
absl::Status BuildEpochPlan(const CsrView& data,
                            const GridTrainerOptions& options, uint32_t epoch,
                            bool binary, EpochPlan* plan);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_EPOCH_PLAN_H_
