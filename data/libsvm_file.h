#ifndef DATA_LIBSVM_FILE_H_
#define DATA_LIBSVM_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "data/csr.h"
#include "data/libsvm.h"

namespace anisograd {

struct LibsvmFile {
  CsrMatrix matrix;
  // One line for the user, or empty: a last line without its end may have been
  // cut, within its last number too.
  std::string warning;
};

// Reads the LIBSVM file options.file, as ReadInputFile reads and ParseLibsvm
// parses, for training: InvalidArgument where all rows are of one class.
absl::StatusOr<LibsvmFile> ReadLibsvmFile(const LibsvmOptions& options);

}  // namespace anisograd

#endif  // DATA_LIBSVM_FILE_H_
