#ifndef EXPERIMENTS_GPT2_NET_CUDA_DEVICE_BATCH_H_
#define EXPERIMENTS_GPT2_NET_CUDA_DEVICE_BATCH_H_

#include <cuda_runtime_api.h>

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "experiments/gpt2/net/config.pb.h"
#include "experiments/gpt2/net/cuda/batch_index.h"
#include "experiments/gpt2/net/cuda/embedding.h"
#include "experiments/gpt2/net/token_batch.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/event.h"
#include "tools/cuda/pinned_buffer.h"

namespace anisograd {
namespace cuda {

// A TokenBatch with its indices (batch_index.h) in the device's memory, brought
// there by one copy that the host does not wait for. The arrays are used by
// work on one stream, so the next batch's copy comes after it.
class DeviceBatch {
 public:
  static absl::StatusOr<DeviceBatch> Create();

  // Replaces what was there. `batch` must be valid for `config`; it is not used
  // after the call.
  absl::Status Place(cudaStream_t stream, const Gpt2Config& config,
                     const TokenBatch& batch);

  // Of the batch last placed. Device pointers.
  int64_t size() const { return size_; }
  const int32_t* tokens() const { return tokens_; }
  const int32_t* positions() const { return positions_; }
  // Rows with a target, ascending, and their targets.
  int64_t counted() const { return counted_; }
  const int32_t* counted_rows() const { return counted_rows_; }
  const int32_t* counted_targets() const { return counted_targets_; }
  const AttentionTile* query_tiles() const { return query_tiles_; }
  int64_t query_tile_count() const { return query_tile_count_; }
  const AttentionTile* key_tiles() const { return key_tiles_; }
  int64_t key_tile_count() const { return key_tile_count_; }
  const DeviceInvertedIndex& by_token() const { return by_token_; }
  const DeviceInvertedIndex& by_position() const { return by_position_; }

 private:
  explicit DeviceBatch(Event copied) : copied_(std::move(copied)) {}

  // Behind the last copy out of staging_.
  Event copied_;
  PinnedBuffer<char> staging_;
  DeviceBuffer<char> memory_;

  int64_t size_ = 0, counted_ = 0, query_tile_count_ = 0, key_tile_count_ = 0;
  const int32_t *tokens_ = nullptr, *positions_ = nullptr;
  const int32_t *counted_rows_ = nullptr, *counted_targets_ = nullptr;
  const AttentionTile *query_tiles_ = nullptr, *key_tiles_ = nullptr;
  DeviceInvertedIndex by_token_, by_position_;
};

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_DEVICE_BATCH_H_
