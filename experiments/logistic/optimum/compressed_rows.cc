#include "experiments/logistic/optimum/compressed_rows.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace anisograd {
namespace {

struct DistinctRow {
  int64_t first;  // a row of the matrix that looks like this
  int64_t count = 0;
  int64_t positive = 0;
};

absl::Span<const uint32_t> RowIndices(const CsrView& matrix, int64_t row) {
  return matrix.index.subspan(
      matrix.row_start[row], matrix.row_start[row + 1] - matrix.row_start[row]);
}

// Distinct rows in lexicographic order of their indices.
std::vector<DistinctRow> MergeRows(const CsrView& matrix) {
  std::vector<int64_t> order(matrix.rows);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    const auto x = RowIndices(matrix, a), y = RowIndices(matrix, b);
    const int c = std::lexicographical_compare(x.begin(), x.end(), y.begin(),
                                               y.end())
                      ? -1
                      : (x == y ? 0 : 1);
    return c != 0 ? c < 0 : a < b;
  });
  std::vector<DistinctRow> rows;
  for (const int64_t i : order) {
    if (rows.empty() ||
        RowIndices(matrix, rows.back().first) != RowIndices(matrix, i)) {
      rows.push_back({i});
    }
    ++rows.back().count;
    rows.back().positive += matrix.label[i] > 0;
  }
  return rows;
}

// Codes of all rows in the group of columns [begin, end).
class GroupBuilder {
 public:
  GroupBuilder(int64_t rows, uint32_t max_codes)
      : max_codes_(max_codes), code_(rows, 0), codes_{{0, 0}} {}

  // Adds a column, given the rows that hold it. False, and nothing changed,
  // where the group would get too many codes.
  bool Add(uint32_t column, absl::Span<const uint32_t> holders) {
    absl::flat_hash_map<uint32_t, uint32_t> extended;
    const uint32_t old_size = static_cast<uint32_t>(codes_.size());
    for (const uint32_t i : holders) {
      const auto [at, inserted] = extended.try_emplace(
          code_[i], old_size + static_cast<uint32_t>(extended.size()));
      if (inserted && at->second >= max_codes_) return false;
    }
    codes_.resize(old_size + extended.size());
    for (const auto& [prefix, code] : extended) codes_[code] = {prefix, column};
    for (const uint32_t i : holders) code_[i] = extended[code_[i]];
    return true;
  }

  std::vector<CompressedRows::Code> TakeCodes() { return std::move(codes_); }
  std::vector<uint16_t> CodesOfRows() const {
    return std::vector<uint16_t>(code_.begin(), code_.end());
  }

 private:
  uint32_t max_codes_;
  std::vector<uint32_t> code_;
  std::vector<CompressedRows::Code> codes_;
};

}  // namespace

std::optional<CompressedRows> CompressRows(const CsrView& matrix,
                                           uint32_t max_codes) {
  if (!HasBinaryValues(matrix) || max_codes > (1u << 16)) return std::nullopt;
  // A column is in few groups' worth of rows; sets this wide are not of the
  // one-hot kind.
  constexpr int64_t kMostColumns = 4096;
  if (matrix.features > kMostColumns) return std::nullopt;

  std::vector<DistinctRow> distinct = MergeRows(matrix);
  std::vector<std::vector<uint32_t>> holders(matrix.features);
  for (size_t i = 0; i < distinct.size(); ++i) {
    for (const uint32_t j : RowIndices(matrix, distinct[i].first)) {
      holders[j].push_back(static_cast<uint32_t>(i));
    }
  }
  CompressedRows out;
  out.columns = matrix.features;
  out.rows = static_cast<int64_t>(distinct.size());
  const double mean_nonzeros =
      static_cast<double>(matrix.index.size()) / static_cast<double>(matrix.rows);
  GroupBuilder group(out.rows, max_codes);
  for (int64_t j = 0; j <= matrix.features; ++j) {
    const bool done = j == matrix.features;
    if (!done && group.Add(static_cast<uint32_t>(j), holders[j])) continue;
    out.code_of_row.push_back(group.CodesOfRows());
    out.groups.push_back(group.TakeCodes());
    if (static_cast<double>(out.groups.size()) > mean_nonzeros / 3.0) {
      return std::nullopt;
    }
    if (done) break;
    group = GroupBuilder(out.rows, max_codes);
    group.Add(static_cast<uint32_t>(j), holders[j]);
  }

  std::vector<uint32_t> order(out.rows);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return out.code_of_row[0][a] < out.code_of_row[0][b];
  });
  for (std::vector<uint16_t>& codes : out.code_of_row) {
    std::vector<uint16_t> sorted(codes.size());
    for (size_t i = 0; i < order.size(); ++i) sorted[i] = codes[order[i]];
    codes = std::move(sorted);
  }
  for (const uint32_t i : order) {
    out.count.push_back(static_cast<double>(distinct[i].count));
    out.positive_count.push_back(static_cast<double>(distinct[i].positive));
  }
  return out;
}

}  // namespace anisograd
