#include "experiments/gpt2/net/cuda/device_batch.h"

#include <cstring>
#include <vector>

#include "experiments/gpt2/net/cuda/device_testing.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace cuda {
namespace {

template <typename T>
std::vector<T> Read(const T* device, int64_t size) {
  std::vector<T> values(static_cast<size_t>(size));
  DieUnlessOk(
      CudaStatus(cudaMemcpy(values.data(), device, values.size() * sizeof(T),
                            cudaMemcpyDeviceToHost),
                 "Read"));
  return values;
}

void ExpectIndex(const DeviceInvertedIndex& device, const InvertedIndex& host) {
  ASSERT_EQ(device.keys, host.keys());
  ASSERT_EQ(device.pieces, host.pieces());
  EXPECT_EQ(Read(device.ids, device.keys), host.ids);
  EXPECT_EQ(Read(device.key_pieces, device.keys + 1), host.key_pieces);
  EXPECT_EQ(Read(device.piece_rows, device.pieces + 1), host.piece_rows);
  EXPECT_EQ(Read(device.rows, static_cast<int64_t>(host.rows.size())),
            host.rows);
}

// One batch after the other, larger and smaller, in one DeviceBatch, placed
// without waiting in between.
TEST(DeviceBatchTest, HasTheLastBatchPlaced) {
  Gpt2Config config;
  config.set_vocabulary(50);
  config.set_context(100);
  ASSERT_OK_AND_ASSIGN(DeviceBatch device, DeviceBatch::Create());
  for (const int64_t length : {2, 90, 3, 100}) {
    std::vector<int32_t> tokens, targets, positions, counted, counted_targets;
    std::vector<int64_t> starts = {0};
    for (int s = 0; s < 3; ++s) {
      for (int32_t i = 0; i < length; ++i) {
        const int32_t row = static_cast<int32_t>(tokens.size());
        const bool counts = (row + s) % 3 != 0;
        tokens.push_back((row * 7 + s) % 50);
        targets.push_back(counts ? (row * 5) % 50 : kNoTarget);
        positions.push_back(i);
        if (counts) {
          counted.push_back(row);
          counted_targets.push_back(targets.back());
        }
      }
      starts.push_back(static_cast<int64_t>(tokens.size()));
    }
    TokenBatch batch;
    batch.tokens = tokens;
    batch.targets = targets;
    batch.starts = starts;
    ASSERT_OK(device.Place(nullptr, config, batch));
    if (length == 90) continue;
    ASSERT_EQ(device.size(), 3 * length);
    EXPECT_EQ(Read(device.tokens(), 3 * length), tokens);
    EXPECT_EQ(Read(device.positions(), 3 * length), positions);
    ASSERT_EQ(device.counted(), static_cast<int64_t>(counted.size()));
    EXPECT_EQ(Read(device.counted_rows(), device.counted()), counted);
    EXPECT_EQ(Read(device.counted_targets(), device.counted()),
              counted_targets);
    const std::vector<AttentionTile> queries = QueryTiles(starts);
    ASSERT_EQ(device.query_tile_count(), static_cast<int64_t>(queries.size()));
    const auto read = Read(device.query_tiles(), device.query_tile_count());
    EXPECT_EQ(std::memcmp(read.data(), queries.data(),
                          queries.size() * sizeof(AttentionTile)),
              0);
    const std::vector<AttentionTile> keys = KeyTiles(starts);
    ASSERT_EQ(device.key_tile_count(), static_cast<int64_t>(keys.size()));
    ExpectIndex(device.by_token(), MakeInvertedIndex(tokens, 50));
    ExpectIndex(device.by_position(), MakeInvertedIndex(positions, 100));
  }
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
