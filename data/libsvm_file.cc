#include "data/libsvm_file.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/input_file.h"
#include "tools/base/status_macros.h"

namespace anisograd {

absl::StatusOr<LibsvmFile> ReadLibsvmFile(const LibsvmOptions& options) {
  ASSIGN_OR_RETURN(const std::string text, ReadInputFile(options.file));
  LibsvmFile file;
  ASSIGN_OR_RETURN(file.matrix, ParseLibsvm(text, options));
  if (!HasBothClasses(file.matrix.view())) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.file, ": all rows have y = ", int{file.matrix.label.front()},
        ", so there is nothing to learn; ", options.positive_field, " and ",
        options.negative_field, " say which labels mean what"));
  }
  if (text.back() != '\n') {
    file.warning = absl::StrCat(
        options.file, ": the last line does not end; if the file was cut short, "
        "its last number may be wrong");
  }
  return file;
}

}  // namespace anisograd
