#ifndef DATA_LIBSVM_H_
#define DATA_LIBSVM_H_

#include <cstdint>
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
  // Labels as they are written, for y = +1 and y = -1.
  std::vector<std::string> positive_labels = {"+1", "1"};
  std::vector<std::string> negative_labels = {"-1"};
};

// Parses the text format of LIBSVM, strictly: one row a line,
//
//   label index:value index:value ...
//
// with 1 <= index <= features strictly increasing within a row and finite
// decimal values. CRLF, trailing blanks, blank lines at the end and a missing
// final newline are accepted; anything else is InvalidArgument
// "FILE:LINE: reason". Values are correctly rounded.
//
// About one pass over the bytes; memory is that of the result.
absl::StatusOr<CsrMatrix> ParseLibsvm(absl::string_view text,
                                      const LibsvmOptions& options);

}  // namespace anisograd

#endif  // DATA_LIBSVM_H_
