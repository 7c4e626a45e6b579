#include "data/libsvm_flags.h"

#include <cstdint>
#include <cstdio>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(int64_t, features, 0, "the LIBSVM file's declared features");
ABSL_FLAG(int64_t, rows, -1,
          "rows that it must have, so that one cut short is noticed; -1: any");
ABSL_FLAG(std::vector<std::string>, positive_labels,
          (anisograd::LibsvmOptions().positive_labels),
          "labels that mean y = +1; a number also as it is written otherwise");
ABSL_FLAG(std::vector<std::string>, negative_labels,
          (anisograd::LibsvmOptions().negative_labels),
          "labels that mean y = -1; none: -1 or 0, whichever the file has");

namespace anisograd {

LibsvmOptions LibsvmOptionsFromFlags(const std::string& file) {
  LibsvmOptions options;
  options.file = file;
  options.features = absl::GetFlag(FLAGS_features);
  options.rows = absl::GetFlag(FLAGS_rows);
  options.positive_labels = absl::GetFlag(FLAGS_positive_labels);
  options.negative_labels = absl::GetFlag(FLAGS_negative_labels);
  return options;
}

absl::StatusOr<CsrMatrix> ReadLibsvm(const LibsvmOptions& options) {
  ASSIGN_OR_RETURN(LibsvmFile file, ReadLibsvmFile(options));
  if (!file.warning.empty()) {
    std::fprintf(stderr, "WARNING: %s\n", file.warning.c_str());
  }
  return std::move(file.matrix);
}

}  // namespace anisograd
