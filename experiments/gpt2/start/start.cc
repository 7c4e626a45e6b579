#include "experiments/gpt2/start/start.h"

#include <cstddef>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/safetensors.h"
#include "experiments/gpt2/net/parameters.h"
#include "experiments/gpt2/net/parameters_digest.h"
#include "experiments/gpt2/start/pretrained_weights.h"
#include "experiments/gpt2/start/weights.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

void StandIn(absl::string_view what, StartRecord* record) {
  record->set_stand_in(true);
  record->set_note(
      absl::StrCat("GPT-2's official weights could not be had: ", what));
}

// Says of weights that have been read from `file`, whose digest the record
// already has, what they are.
absl::Status RecordOrigin(const SafetensorsFile& file, Gpt2Start::Kind asked,
                          const std::string& official_sha256,
                          StartRecord* record) {
  ASSIGN_OR_RETURN(const std::optional<PretrainingRecord> pretraining,
                   ReadPretrainingRecord(file));
  if (pretraining.has_value()) {
    if (pretraining->parameters_digest() != record->digest()) {
      return absl::DataLossError(absl::StrCat(
          file.path(), ": __metadata__: parameters_digest: is ",
          pretraining->parameters_digest(), ", but the tensors' is ",
          record->digest(), "; changed since they were pre-trained?"));
    }
    const std::string description = DescribePretraining(*pretraining);
    if (asked == Gpt2Start::PRETRAINED_WEIGHTS) {
      record->set_stand_in(true);
      record->set_note(absl::StrCat(
          "pre-trained stand-in for GPT-2's weights: ", description));
    } else {
      StandIn(absl::StrCat("stand-in ", description), record);
    }
    *record->mutable_pretraining() = *pretraining;
    return absl::OkStatus();
  }
  if (asked == Gpt2Start::PRETRAINED_WEIGHTS) {
    return absl::InvalidArgumentError(absl::StrCat(
        "start.kind: is PRETRAINED_WEIGHTS, but ", file.path(),
        " does not say what it was pre-trained on"));
  }
  // By its bytes: a file without a word about its origin may be a copy of
  // anything, of pre-trained weights that lost their metadata too.
  const std::string sha256 = Sha256Hex(file.bytes());
  if (sha256 == official_sha256) {
    record->set_note("GPT-2's official weights");
  } else {
    StandIn(absl::StrCat("weights of unknown origin, SHA-256 of their file ",
                         sha256),
            record);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Start> MakeStart(const Gpt2Start& start,
                                const Gpt2Config& model,
                                const std::string& weights,
                                const std::string& official_sha256,
                                ThreadPool* pool) {
  if (start.kind() == Gpt2Start::RANDOM && !weights.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "start.kind: is RANDOM, which takes no weights, but ", weights,
        " is given"));
  }
  if (start.kind() == Gpt2Start::PRETRAINED_WEIGHTS && weights.empty()) {
    return absl::InvalidArgumentError(
        "start.kind: is PRETRAINED_WEIGHTS, but no weights are given");
  }
  const ParameterLayout layout(model);
  Start made;
  made.parameters.resize(static_cast<size_t>(layout.size()));
  if (!weights.empty()) {
    ASSIGN_OR_RETURN(const SafetensorsFile file,
                     SafetensorsFile::Open(weights));
    RETURN_IF_ERROR(LoadGpt2Weights(file, model, layout,
                                    absl::MakeSpan(made.parameters)));
    made.record.set_digest(ParametersDigest(made.parameters));
    RETURN_IF_ERROR(
        RecordOrigin(file, start.kind(), official_sha256, &made.record));
    return made;
  }
  InitializeParameters(model, layout, start.seed(),
                       absl::MakeSpan(made.parameters), pool);
  made.record.set_digest(ParametersDigest(made.parameters));
  const std::string random = absl::StrCat("random start, seed ", start.seed());
  if (start.kind() == Gpt2Start::OFFICIAL_WEIGHTS) {
    StandIn(random, &made.record);
  } else {
    made.record.set_note(random);
  }
  return made;
}

}  // namespace anisograd
