#ifndef EXPERIMENTS_GPT2_RECORD_RECORDED_H_
#define EXPERIMENTS_GPT2_RECORD_RECORDED_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "data/token_file.h"
#include "experiments/gpt2/smoothness/smoothness.pb.h"
#include "experiments/gpt2/spec/result.pb.h"
#include "experiments/gpt2/spec/spec.pb.h"

namespace anisograd {

// Reads a recorded result (experiments/gpt2/recorded/*.textproto) of `cell`,
// which has one method and one batch size.
//
// FailedPrecondition "PATH:LINE: FIELD: reason" where it is stale or says too
// little: its spec_digest is not that of `cell` (the spec has changed since),
// nor of the spec that it echoes; its runs are not those of the grid; what was
// selected is not what its runs give; it does not name device and source
// revision.
absl::StatusOr<Gpt2Result> ReadRecordedResult(const std::string& path,
                                              const Gpt2ExperimentSpec& cell);

// Likewise of a check of Assumption 5.1, whose contents must be those of
// smoothness_result.h.
absl::StatusOr<Gpt2SmoothnessResult> ReadRecordedResult(
    const std::string& path, const Gpt2SmoothnessSpec& spec);

// FailedPrecondition "dataset.digest: reason" where a result was not recorded on
// `tokens`, the data as they are now, unless on official data, for which `tokens`
// are a stand-in.
absl::Status CheckRecordedData(const TokenRecord& recorded,
                               const TokenFile& tokens);

// FailedPrecondition "FIELD: reason" for a result of stand-ins, for official data
// or weights.
absl::Status CheckRecordedIsOfficial(const TokenRecord& dataset,
                                     const StartRecord& start);

// The contents of such a file: the result in text form, below the lines that
// name its type. FailedPrecondition "FIELD: reason" for what ReadRecordedResult
// refuses.
absl::StatusOr<std::string> RecordedText(const Gpt2Result& result,
                                         const Gpt2ExperimentSpec& cell);
absl::StatusOr<std::string> RecordedText(const Gpt2SmoothnessResult& result,
                                         const Gpt2SmoothnessSpec& spec);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_RECORD_RECORDED_H_
