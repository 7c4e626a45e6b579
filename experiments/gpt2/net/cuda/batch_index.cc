#include "experiments/gpt2/net/cuda/batch_index.h"

#include <algorithm>
#include <cstddef>

#include "experiments/gpt2/net/token_batch.h"

namespace anisograd {
namespace cuda {
namespace {

std::vector<AttentionTile> Tiles(absl::Span<const int64_t> starts) {
  std::vector<AttentionTile> tiles;
  for (size_t s = 0; s + 1 < starts.size(); ++s) {
    const int32_t start = static_cast<int32_t>(starts[s]);
    const int32_t length = static_cast<int32_t>(starts[s + 1] - starts[s]);
    for (int32_t first = 0; first < length; first += kAttentionTile) {
      tiles.push_back({start, length, first});
    }
  }
  return tiles;
}

}  // namespace

std::vector<AttentionTile> QueryTiles(absl::Span<const int64_t> starts) {
  std::vector<AttentionTile> tiles = Tiles(starts);
  std::stable_sort(tiles.begin(), tiles.end(),
                   [](const AttentionTile& a, const AttentionTile& b) {
                     return a.first > b.first;
                   });
  return tiles;
}

std::vector<AttentionTile> KeyTiles(absl::Span<const int64_t> starts) {
  std::vector<AttentionTile> tiles = Tiles(starts);
  std::stable_sort(tiles.begin(), tiles.end(),
                   [](const AttentionTile& a, const AttentionTile& b) {
                     return a.length - a.first > b.length - b.first;
                   });
  return tiles;
}

InvertedIndex MakeInvertedIndex(absl::Span<const int32_t> keys, int32_t end) {
  // A counting sort.
  std::vector<int32_t> next(static_cast<size_t>(end) + 1, 0);
  for (const int32_t key : keys) ++next[static_cast<size_t>(key) + 1];
  for (size_t k = 0; k < static_cast<size_t>(end); ++k) next[k + 1] += next[k];
  InvertedIndex index;
  index.rows.resize(keys.size());
  index.key_pieces.push_back(0);
  for (int32_t key = 0; key < end; ++key) {
    const int32_t begin = next[static_cast<size_t>(key)];
    const int32_t key_end = next[static_cast<size_t>(key) + 1];
    if (begin == key_end) continue;
    index.ids.push_back(key);
    for (int32_t i = begin; i < key_end; i += InvertedIndex::kPieceRows) {
      index.piece_rows.push_back(i);
    }
    index.key_pieces.push_back(static_cast<int32_t>(index.piece_rows.size()));
  }
  index.piece_rows.push_back(static_cast<int32_t>(keys.size()));
  for (size_t i = 0; i < keys.size(); ++i) {
    const size_t place =
        static_cast<size_t>(next[static_cast<size_t>(keys[i])]++);
    index.rows[place] = static_cast<int32_t>(i);
  }
  return index;
}

RowIndex MakeRowIndex(absl::Span<const int64_t> starts) {
  RowIndex index;
  for (size_t s = 0; s + 1 < starts.size(); ++s) {
    const int32_t start = static_cast<int32_t>(starts[s]);
    const int32_t end = static_cast<int32_t>(starts[s + 1]);
    for (int32_t i = start; i < end; ++i) {
      index.position.push_back(i - start);
      index.start.push_back(start);
      index.end.push_back(end);
    }
  }
  return index;
}

CountedRows MakeCountedRows(absl::Span<const int32_t> targets) {
  CountedRows counted;
  for (size_t i = 0; i < targets.size(); ++i) {
    if (targets[i] == kNoTarget) continue;
    counted.rows.push_back(static_cast<int32_t>(i));
    counted.targets.push_back(targets[i]);
  }
  return counted;
}

}  // namespace cuda
}  // namespace anisograd
