#include "experiments/gpt2/net/cuda/device_batch.h"

#include <cstring>
#include <utility>
#include <vector>

#include "experiments/gpt2/net/arena.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace cuda {
namespace {

// Copies arrays to consecutive places of the staging memory and says where they
// will be on the device; without staging memory, only counts. Both arenas give
// the same places.
class Stager {
 public:
  Stager(char* staging, char* device)
      : staging_(staging, kDeviceAlignment),
        device_(device, kDeviceAlignment) {}

  template <typename T>
  const T* Add(absl::Span<const T> values) {
    const int64_t size = static_cast<int64_t>(values.size());
    T* const place = staging_.Take<T>(size);
    if (place != nullptr && size > 0) {
      std::memcpy(place, values.data(), values.size() * sizeof(T));
    }
    return device_.Take<T>(size);
  }
  DeviceInvertedIndex Add(const InvertedIndex& index) {
    DeviceInvertedIndex on_device;
    on_device.keys = index.keys();
    on_device.pieces = index.pieces();
    on_device.ids = Add<int32_t>(index.ids);
    on_device.key_pieces = Add<int32_t>(index.key_pieces);
    on_device.piece_rows = Add<int32_t>(index.piece_rows);
    on_device.rows = Add<int32_t>(index.rows);
    return on_device;
  }
  int64_t used() const { return device_.used(); }

 private:
  Arena staging_, device_;
};

}  // namespace

absl::StatusOr<DeviceBatch> DeviceBatch::Create() {
  ASSIGN_OR_RETURN(Event copied, Event::Create());
  return DeviceBatch(std::move(copied));
}

absl::Status DeviceBatch::Place(cudaStream_t stream, const Gpt2Config& config,
                                const TokenBatch& batch) {
  const RowIndex rows = MakeRowIndex(batch.starts);
  const CountedRows counted = MakeCountedRows(batch.targets);
  const std::vector<AttentionTile> queries = QueryTiles(batch.starts);
  const std::vector<AttentionTile> keys = KeyTiles(batch.starts);
  const InvertedIndex by_token =
      MakeInvertedIndex(batch.tokens, config.vocabulary());
  const InvertedIndex by_position =
      MakeInvertedIndex(rows.position, config.context());
  size_ = batch.size();
  counted_ = static_cast<int64_t>(counted.rows.size());
  query_tile_count_ = static_cast<int64_t>(queries.size());
  key_tile_count_ = static_cast<int64_t>(keys.size());

  const auto place = [&](Stager stager) {
    tokens_ = stager.Add(batch.tokens);
    positions_ = stager.Add<int32_t>(rows.position);
    counted_rows_ = stager.Add<int32_t>(counted.rows);
    counted_targets_ = stager.Add<int32_t>(counted.targets);
    query_tiles_ = stager.Add<AttentionTile>(queries);
    key_tiles_ = stager.Add<AttentionTile>(keys);
    by_token_ = stager.Add(by_token);
    by_position_ = stager.Add(by_position);
    return stager.used();
  };
  const int64_t bytes = place(Stager(nullptr, nullptr));
  RETURN_IF_ERROR(copied_.Wait());
  RETURN_IF_ERROR(staging_.Reserve(bytes));
  RETURN_IF_ERROR(memory_.Reserve(bytes));
  place(Stager(staging_.data(), memory_.data()));
  RETURN_IF_CUDA_ERROR(cudaMemcpyAsync(memory_.data(), staging_.data(),
                                       static_cast<size_t>(bytes),
                                       cudaMemcpyHostToDevice, stream));
  return copied_.Record(stream);
}

}  // namespace cuda
}  // namespace anisograd
