#ifndef DATA_DATASET_SPEC_H_
#define DATA_DATASET_SPEC_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "data/dataset.pb.h"

namespace anisograd {

// OK, or InvalidArgument "FIELD: reason" for the first bad field.
absl::Status ValidateDataset(const DatasetSpec& spec);

// Reads, parses and validates the spec at `path`. Errors name file, line and
// field.
absl::StatusOr<DatasetSpec> ReadDatasetSpec(const std::string& path);

}  // namespace anisograd

#endif  // DATA_DATASET_SPEC_H_
