#ifndef DATA_LIBSVM_H_
#define DATA_LIBSVM_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/csr.h"

namespace anisograd {

// What a LIBSVM file is declared to hold.
struct LibsvmOptions {
  // Named in errors.
  std::string file = "input";
  // d: a fact of the data set, not of the file, whose largest index may be
  // smaller.
  int64_t features = 0;
  // Expected number of rows; -1 for any.
  int64_t rows = -1;
  // Labels of y = +1 and of y = -1. One that is a number stands for every way to
  // write it ("1" for "+1" and "1.0"), another one for itself. Where none is
  // declared for y = -1 it is -1 or 0, whichever the file has first, not both.
  std::vector<std::string> positive_labels = {"+1", "1"};
  std::vector<std::string> negative_labels;
  // Where the two are declared, for errors.
  std::string positive_field = "--positive_labels";
  std::string negative_field = "--negative_labels";
  // Row starts have 32 bits. Lower only in tests.
  int64_t most_nonzeros = std::numeric_limits<uint32_t>::max();
};

// The number that a label is, or nothing: "+1" and "1.0" are the same label.
std::optional<double> NumberOfLabel(absl::string_view label);

// Parses the text format of LIBSVM, strictly: one row a line,
//
//   label index:value index:value ...      # a comment
//
// with 1 <= index <= features strictly increasing within a row and finite
// decimal values. A byte order mark of UTF-8, CRLF, trailing blanks, blank lines
// at the end, lines of comment and a missing final newline are accepted;
// anything else is InvalidArgument "FILE:LINE: reason".
//
// Values are rounded to the nearest double. So one that is smaller than half of
// the smallest subnormal, like 1e-400, is 0 (and stays a stored non-zero), while
// one above the largest double is refused.
//
// About one pass over the bytes. Memory is that of the result, which is reserved
// after counting; ResourceExhausted "FILE: reason" where there is not as much.
absl::StatusOr<CsrMatrix> ParseLibsvm(absl::string_view text,
                                      const LibsvmOptions& options);

}  // namespace anisograd

#endif  // DATA_LIBSVM_H_
