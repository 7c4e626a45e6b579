#ifndef EXPERIMENTS_GPT2_NET_CUDA_BATCH_INDEX_H_
#define EXPERIMENTS_GPT2_NET_CUDA_BATCH_INDEX_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace anisograd {
namespace cuda {

// What the kernels have to know of a batch, worked out on the host once for
// each. Nothing here needs a device.

// Queries, or keys, that one block of attention handles.
constexpr int32_t kAttentionTile = 64;

// Some rows of one sequence.
struct AttentionTile {
  int32_t start;   // the sequence's first row in the batch
  int32_t length;  // of the sequence
  int32_t first;   // of the tile's rows, counted from `start`
};

// Every sequence cut into tiles, a multiple of kAttentionTile from its start.
// Tiles with most work come first, else in order, so that the device's tail is
// short. Query tiles look back to the sequence's start, key tiles ahead to its
// end. No result depends on the order.
std::vector<AttentionTile> QueryTiles(absl::Span<const int64_t> starts);
std::vector<AttentionTile> KeyTiles(absl::Span<const int64_t> starts);

// Rows i with the same keys[i], so that sums over them have a fixed order
// without sorting on the device: key ids[k] has the pieces
// key_pieces[k] .. key_pieces[k + 1), and piece p has the rows
// rows[piece_rows[p] .. piece_rows[p + 1]), ascending, at most kPieceRows of
// them. ids ascend.
struct InvertedIndex {
  static constexpr int32_t kPieceRows = 32;
  std::vector<int32_t> ids;
  std::vector<int32_t> key_pieces;
  std::vector<int32_t> piece_rows;
  std::vector<int32_t> rows;

  int64_t keys() const { return static_cast<int64_t>(ids.size()); }
  int64_t pieces() const { return static_cast<int64_t>(piece_rows.size()) - 1; }
};
// Keys in [0, end). O(keys.size() + end).
InvertedIndex MakeInvertedIndex(absl::Span<const int32_t> keys, int32_t end);

// Of every row: its place in its sequence, and the sequence's first row and the
// row behind its last.
struct RowIndex {
  std::vector<int32_t> position, start, end;
};
RowIndex MakeRowIndex(absl::Span<const int64_t> starts);

// Rows with a target, ascending, and their targets.
struct CountedRows {
  std::vector<int32_t> rows, targets;
};
CountedRows MakeCountedRows(absl::Span<const int32_t> targets);

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_BATCH_INDEX_H_
