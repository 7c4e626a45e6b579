#ifndef EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_SPEC_H_
#define EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_SPEC_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "experiments/gpt2/smoothness/smoothness.pb.h"

namespace anisograd {

// OK, or InvalidArgument "FIELD: reason" for the first bad field.
absl::Status ValidateGpt2Smoothness(const Gpt2SmoothnessSpec& spec);

// Reads, parses and validates the spec at `path`. Errors name file, line and
// field.
absl::StatusOr<Gpt2SmoothnessSpec> ReadGpt2Smoothness(const std::string& path);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_SPEC_H_
