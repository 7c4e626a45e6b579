#ifndef EXPERIMENTS_GPT2_SPEC_EXPERIMENT_SPEC_H_
#define EXPERIMENTS_GPT2_SPEC_EXPERIMENT_SPEC_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "experiments/gpt2/spec/spec.pb.h"
#include "experiments/spec_parts.h"

namespace anisograd {

// OK, or InvalidArgument "FIELD: reason" for the first bad field.
absl::Status ValidateGpt2Experiment(const Gpt2ExperimentSpec& spec);

// Reads, parses and validates the spec at `path`. Errors name file, line and
// field.
absl::StatusOr<Gpt2ExperimentSpec> ReadGpt2Experiment(const std::string& path);

// Of a cell: batch_size / protocol.batch_divisor.
int64_t SequencesPerStep(const Gpt2ExperimentSpec& cell);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_SPEC_EXPERIMENT_SPEC_H_
