#ifndef EXPERIMENTS_LOGISTIC_OPTIMUM_COMPRESSED_ROWS_H_
#define EXPERIMENTS_LOGISTIC_OPTIMUM_COMPRESSED_ROWS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "data/csr.h"

namespace anisograd {

// The rows of a data set whose features are mostly indicators, compressed by
// dictionaries so that X w and X' r cost a few table accesses a row instead of
// one per non-zero (compressed linear algebra: Elgohary et al., VLDB 2016).
//
// Identical rows are merged, with the counts of both labels. Columns are cut
// into runs of consecutive ones, the groups; the distinct sub-rows that occur in
// a group are its codes. A code is its prefix (a code of the same group with its
// last column removed) and one more column, so the codes of a group form a tree
// and the table of partial sums sum_{j in code} w_j costs one addition a code:
//
//   <x_i, w> = sum_g table_g[code_g(i)].
//
// Backwards, residuals are added up per code, then every code hands its sum to
// its last column and its prefix.
//
// Rows are sorted by their code in group 0, so in that group both directions
// run through memory in order.
struct CompressedRows {
  // One code: its columns are those of `prefix` (a smaller code of the same
  // group, or 0 for none: code 0 of a group is the empty sub-row) and `column`.
  struct Code {
    uint32_t prefix;
    uint32_t column;
  };

  int64_t columns = 0;
  // Distinct rows.
  int64_t rows = 0;
  // Per group: its codes, code 0 first.
  std::vector<std::vector<Code>> groups;
  // Per group: the code of each row. rows entries.
  std::vector<std::vector<uint16_t>> code_of_row;
  // Original rows that equal this one, and those of them with label +1.
  std::vector<double> count;
  std::vector<double> positive_count;
};

// nullopt where compression does not apply or pay: some value is not 1, or the
// groups with at most `max_codes` codes (at most 2^16) would need more than a
// third as many codes a row as there are non-zeros.
std::optional<CompressedRows> CompressRows(const CsrView& matrix,
                                           uint32_t max_codes = 2048);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_OPTIMUM_COMPRESSED_ROWS_H_
