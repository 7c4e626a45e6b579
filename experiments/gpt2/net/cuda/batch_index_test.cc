#include "experiments/gpt2/net/cuda/batch_index.h"

#include <cstdint>
#include <map>
#include <vector>

#include "experiments/gpt2/net/token_batch.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"

namespace anisograd {
namespace cuda {
namespace {

TEST(BatchIndex, TilesCoverEverySequenceMostWorkFirst) {
  const std::vector<int64_t> starts = {0, 1, 65, 130, 330};
  for (const bool queries : {true, false}) {
    const std::vector<AttentionTile> tiles =
        queries ? QueryTiles(starts) : KeyTiles(starts);
    std::vector<int> covered(330, 0);
    int32_t work = 1 << 30;
    for (const AttentionTile& tile : tiles) {
      EXPECT_EQ(tile.first % kAttentionTile, 0);
      EXPECT_LT(tile.first, tile.length);
      for (int32_t i = tile.first;
           i < tile.length && i < tile.first + kAttentionTile; ++i) {
        ++covered[static_cast<size_t>(tile.start + i)];
      }
      const int32_t now = queries ? tile.first : tile.length - tile.first;
      EXPECT_LE(now, work);
      work = now;
    }
    EXPECT_EQ(covered, std::vector<int>(330, 1));
    // 1, 64, 65 and 200 rows.
    EXPECT_EQ(tiles.size(), 1u + 1u + 2u + 4u);
  }
}

TEST(BatchIndex, InvertedIndexHasEveryRowOnceAscendingInPieces) {
  constexpr int32_t kEnd = 9;
  RandomStream stream(1, RandomPurpose::kTest);
  std::vector<int32_t> keys;
  // Key 3 fills pieces exactly, key 8 has 65 rows, key 0 none.
  for (int i = 0; i < 64; ++i) keys.push_back(3);
  for (int i = 0; i < 65; ++i) keys.push_back(8);
  for (int i = 0; i < 40; ++i) {
    keys.push_back(1 + static_cast<int32_t>(stream.NextBelow(2)));
  }
  Shuffle(stream, keys.data(), keys.size());
  std::map<int32_t, std::vector<int32_t>> expected;
  for (size_t i = 0; i < keys.size(); ++i) {
    expected[keys[i]].push_back(static_cast<int32_t>(i));
  }
  const InvertedIndex index = MakeInvertedIndex(keys, kEnd);
  ASSERT_EQ(index.keys(), static_cast<int64_t>(expected.size()));
  ASSERT_EQ(index.key_pieces.size(), index.ids.size() + 1);
  EXPECT_EQ(index.key_pieces.back(), index.pieces());
  size_t k = 0;
  for (const auto& [key, rows] : expected) {
    EXPECT_EQ(index.ids[k], key);
    std::vector<int32_t> actual;
    for (int32_t p = index.key_pieces[k]; p < index.key_pieces[k + 1]; ++p) {
      const int32_t begin = index.piece_rows[static_cast<size_t>(p)];
      const int32_t end = index.piece_rows[static_cast<size_t>(p) + 1];
      EXPECT_LT(begin, end);
      EXPECT_LE(end - begin, InvertedIndex::kPieceRows);
      actual.insert(actual.end(), index.rows.begin() + begin,
                    index.rows.begin() + end);
    }
    EXPECT_EQ(actual, rows) << key;
    ++k;
  }
}

TEST(BatchIndex, InvertedIndexOfNothing) {
  const InvertedIndex index = MakeInvertedIndex({}, 4);
  EXPECT_EQ(index.keys(), 0);
  EXPECT_EQ(index.pieces(), 0);
}

TEST(BatchIndex, RowIndex) {
  const std::vector<int64_t> starts = {0, 3, 4, 6};
  const RowIndex index = MakeRowIndex(starts);
  EXPECT_EQ(index.position, (std::vector<int32_t>{0, 1, 2, 0, 0, 1}));
  EXPECT_EQ(index.start, (std::vector<int32_t>{0, 0, 0, 3, 4, 4}));
  EXPECT_EQ(index.end, (std::vector<int32_t>{3, 3, 3, 4, 6, 6}));
}

TEST(BatchIndex, CountedRowsLeaveOutRowsWithoutTarget) {
  const std::vector<int32_t> targets = {kNoTarget, 5, 0, kNoTarget, 7};
  const CountedRows counted = MakeCountedRows(targets);
  EXPECT_EQ(counted.rows, (std::vector<int32_t>{1, 2, 4}));
  EXPECT_EQ(counted.targets, (std::vector<int32_t>{5, 0, 7}));
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
