#ifndef DATA_CSR_H_
#define DATA_CSR_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace anisograd {

// A labelled sparse matrix in compressed sparse row form, not owned.
//
// Row i has the non-zeros k = row_start[i] .. row_start[i + 1] - 1: value[k] in
// column index[k], columns strictly increasing within a row and below
// `features`; its label is +1 or -1.
struct CsrView {
  int64_t rows = 0;
  int64_t features = 0;
  absl::Span<const uint32_t> row_start;  // rows + 1
  absl::Span<const uint32_t> index;
  absl::Span<const double> value;
  absl::Span<const int8_t> label;  // rows
};

// The same, owned.
struct CsrMatrix {
  int64_t features = 0;
  std::vector<uint32_t> row_start;
  std::vector<uint32_t> index;
  std::vector<double> value;
  std::vector<int8_t> label;

  // Valid while the matrix is neither changed nor destroyed; moving keeps it.
  CsrView view() const {
    return {static_cast<int64_t>(label.size()), features, row_start, index,
            value, label};
  }
};

// True when every value is exactly 1, so that values need not be multiplied by.
inline bool HasBinaryValues(const CsrView& view) {
  for (const double x : view.value) {
    if (x != 1.0) return false;
  }
  return true;
}

// True when there are rows of either label. With one class only there is no w*:
// the loss falls towards 0 for ever.
inline bool HasBothClasses(const CsrView& view) {
  bool positive = false, negative = false;
  for (const int8_t y : view.label) (y > 0 ? positive : negative) = true;
  return positive && negative;
}

}  // namespace anisograd

#endif  // DATA_CSR_H_
