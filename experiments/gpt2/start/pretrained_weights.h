#ifndef EXPERIMENTS_GPT2_START_PRETRAINED_WEIGHTS_H_
#define EXPERIMENTS_GPT2_START_PRETRAINED_WEIGHTS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/safetensors.h"
#include "experiments/gpt2/net/config.pb.h"
#include "experiments/gpt2/spec/result.pb.h"
#include "experiments/gpt2/spec/spec.pb.h"

namespace anisograd {

// Weights that this program pre-trained, which stand in for GPT-2's official
// ones where those cannot be had. Their file is safetensors, and transformers
// reads it; its metadata hold a PretrainingRecord, so that the file itself says
// what it is and nothing takes it for the official one.

// InvalidArgument "FIELD: reason" unless `cell` ends with one set of weights
// that are pre-trained from scratch: one method, batch size, learning rate,
// schedule and seed, and a RANDOM start.
absl::Status CheckSavesPretrainedWeights(const Gpt2ExperimentSpec& cell);

// What the weights at the end of the result's one run say of themselves. Errors
// of CheckSavesPretrainedWeights; FailedPrecondition where the run has not
// converged.
absl::StatusOr<PretrainingRecord> MakePretrainingRecord(
    const Gpt2Result& result);

// Writes the file, atomically: the same bytes for the same arguments.
// `parameters` lie in the ParameterLayout of `model`, which is valid.
// InvalidArgument where their digest is not the record's; else errors of
// SaveGpt2Weights.
absl::Status WritePretrainedWeights(const std::string& path,
                                    const Gpt2Config& model,
                                    absl::Span<const float> parameters,
                                    const PretrainingRecord& record);

// The record of a file; nothing where the file does not claim to be of this
// program. InvalidArgument "PATH: __metadata__: FIELD: reason" where it does
// and the record is not whole.
absl::StatusOr<std::optional<PretrainingRecord>> ReadPretrainingRecord(
    const SafetensorsFile& file);

// "pre-trained by pretrain_adam for 1600 steps (419430400 tokens of
// pretrain_tokens), loss 3.512, digest 0123456789ab": printable ASCII.
std::string DescribePretraining(const PretrainingRecord& record);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_START_PRETRAINED_WEIGHTS_H_
