#include "experiments/gpt2/recorded.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/gpt2/cell.h"
#include "experiments/gpt2/smoothness_result.h"
#include "experiments/spec_parts.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

// What every kind of recorded result must say.
template <typename Result, typename Spec>
absl::Status CheckOrigin(const Result& result, const Spec& spec) {
  const std::string digest = SpecDigest(spec);
  if (result.spec_digest() != digest) {
    return BadField("spec_digest",
                    absl::StrCat("stale: recorded for spec ",
                                 result.spec_digest(), ", the spec is now ",
                                 digest, "; run it again or delete the file"));
  }
  if (SpecDigest(result.spec()) != digest) {
    return BadField("spec", "is not the one that spec_digest is of");
  }
  if (result.device().empty()) return BadField("device", "must be set");
  if (result.source_revision().empty()) {
    return BadField("source_revision", "must be set");
  }
  if (result.dataset().digest().empty() || result.start().digest().empty()) {
    return BadField("digest", "of dataset and start must be set");
  }
  return absl::OkStatus();
}

absl::Status CheckContents(const Gpt2Result& result,
                           const Gpt2ExperimentSpec& cell) {
  const int runs = cell.grid().learning_rate_size() *
                   cell.grid().schedule_size() * cell.seed_size();
  if (result.run_size() != runs) {
    return BadField("run", absl::StrCat("has ", result.run_size(),
                                        " runs, the grid has ", runs));
  }
  Gpt2Result again = result;
  SelectGpt2Runs(&again);
  if (SerializeDeterministically(again) != SerializeDeterministically(result)) {
    return BadField("selected", "is not what the runs give");
  }
  return absl::OkStatus();
}

absl::Status CheckContents(const Gpt2SmoothnessResult& result,
                           const Gpt2SmoothnessSpec&) {
  return ValidateSmoothnessResult(result);
}

template <typename Result, typename Spec>
absl::StatusOr<Result> Read(const std::string& path, const Spec& spec) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  Result result;
  RETURN_IF_ERROR(ParseTextProto(text, path, &result));
  absl::Status status = CheckOrigin(result, spec);
  if (status.ok()) status = CheckContents(result, spec);
  if (!status.ok()) {
    return absl::FailedPreconditionError(
        AtField(status, text, path).message());
  }
  return result;
}

}  // namespace

absl::StatusOr<Gpt2Result> ReadRecordedResult(const std::string& path,
                                              const Gpt2ExperimentSpec& cell) {
  return Read<Gpt2Result>(path, cell);
}

absl::StatusOr<Gpt2SmoothnessResult> ReadRecordedResult(
    const std::string& path, const Gpt2SmoothnessSpec& spec) {
  return Read<Gpt2SmoothnessResult>(path, spec);
}

}  // namespace anisograd
