#ifndef DATA_LIBSVM_FLAGS_H_
#define DATA_LIBSVM_FLAGS_H_

#include <string>

#include "absl/status/statusor.h"
#include "data/libsvm_file.h"

namespace anisograd {

// What programs that read a LIBSVM file without a spec ask for, the same in each:
// --features, --rows, --positive_labels, --negative_labels.
LibsvmOptions LibsvmOptionsFromFlags(const std::string& file);

// ReadLibsvmFile; what it warns of goes to the standard error.
absl::StatusOr<CsrMatrix> ReadLibsvm(const LibsvmOptions& options);

}  // namespace anisograd

#endif  // DATA_LIBSVM_FLAGS_H_
