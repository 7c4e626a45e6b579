#include "experiments/gpt2/start/pretrained_weights.h"

#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "experiments/gpt2/net/parameters.h"
#include "experiments/gpt2/net/parameters_digest.h"
#include "experiments/gpt2/start/weights.h"
#include "experiments/spec_parts.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

// The record in text form stands under kKey. Whatever begins with kOurs is
// this program's, so that a later form is refused and not overlooked.
constexpr absl::string_view kOurs = "anisograd";
constexpr char kKey[] = "anisograd.pretraining";

bool IsSha256(absl::string_view digest) {
  return digest.size() == 64 &&
         digest.find_first_not_of("0123456789abcdef") == digest.npos;
}

// Notes in tables and figures are made from it, so the texts are checked too.
absl::Status ValidateRecord(const PretrainingRecord& record) {
  for (const auto& [field, name] :
       {std::pair<const char*, const std::string&>{"spec_name",
                                                   record.spec_name()},
        {"method", record.method()},
        {"dataset", record.dataset()}}) {
    if (!IsTargetName(name)) return BadField(field, "is not a target's name");
  }
  for (const auto& [field, digest] :
       {std::pair<const char*, const std::string&>{"spec_digest",
                                                   record.spec_digest()},
        {"dataset_digest", record.dataset_digest()},
        {"parameters_digest", record.parameters_digest()}}) {
    if (!IsSha256(digest)) return BadField(field, "is not a SHA-256");
  }
  if (record.steps() <= 0) return BadField("steps", "must be positive");
  if (record.tokens() <= 0) return BadField("tokens", "must be positive");
  if (!std::isfinite(record.final_loss()) || record.final_loss() < 0.0) {
    return BadField("final_loss", "must be finite and not negative");
  }
  if (record.device().empty()) return BadField("device", "must be set");
  return absl::OkStatus();
}

// Mean of the last epoch's steps' losses.
double FinalLoss(const Gpt2Run& run) {
  const int end = run.loss_size();
  const int begin = end - static_cast<int>(run.steps_per_epoch());
  double sum = 0.0;
  for (int t = begin; t < end; ++t) sum += run.loss(t);
  return sum / (end - begin);
}

}  // namespace

absl::Status CheckSavesPretrainedWeights(const Gpt2ExperimentSpec& cell) {
  for (const auto& [field, count] :
       {std::pair<const char*, int>{"method", cell.method_size()},
        {"batch_size", cell.batch_size_size()},
        {"grid.learning_rate", cell.grid().learning_rate_size()},
        {"grid.schedule", cell.grid().schedule_size()},
        {"seed", cell.seed_size()}}) {
    if (count != 1) {
      return BadField(field, absl::StrCat("has ", count,
                                          " values; weights are saved of a "
                                          "cell with one run"));
    }
  }
  if (cell.start().kind() != Gpt2Start::RANDOM) {
    return BadField("start.kind",
                    "must be RANDOM where weights are saved: what they are is "
                    "told by their own training alone");
  }
  return absl::OkStatus();
}

absl::StatusOr<PretrainingRecord> MakePretrainingRecord(
    const Gpt2Result& result) {
  const Gpt2ExperimentSpec& cell = result.spec();
  RETURN_IF_ERROR(CheckSavesPretrainedWeights(cell));
  if (result.run_size() != 1 || result.run(0).outcome() != Run::CONVERGED) {
    return absl::FailedPreconditionError(
        "the run has not converged: it leaves no weights to start from");
  }
  const Gpt2Run& run = result.run(0);
  PretrainingRecord record;
  record.set_spec_name(cell.name());
  record.set_method(cell.method(0).name());
  record.set_spec_digest(result.spec_digest());
  record.set_dataset(result.dataset().name());
  record.set_dataset_digest(result.dataset().digest());
  record.set_steps(run.loss_size());
  record.set_tokens(run.tokens());
  record.set_final_loss(FinalLoss(run));
  record.set_parameters_digest(run.parameters_digest());
  record.set_device(result.device());
  return record;
}

absl::Status WritePretrainedWeights(const std::string& path,
                                    const Gpt2Config& model,
                                    absl::Span<const float> parameters,
                                    const PretrainingRecord& record) {
  RETURN_IF_ERROR(ValidateRecord(record));
  const std::string digest = ParametersDigest(parameters);
  if (digest != record.parameters_digest()) {
    return BadField("parameters_digest",
                    absl::StrCat("is ", record.parameters_digest(),
                                 ", but the parameters' is ", digest));
  }
  return SaveGpt2Weights(path, ParameterLayout(model), parameters,
                         {{kKey, ToTextProto(record)}});
}

absl::StatusOr<std::optional<PretrainingRecord>> ReadPretrainingRecord(
    const SafetensorsFile& file) {
  const std::string place = absl::StrCat(file.path(), ": __metadata__");
  std::optional<PretrainingRecord> record;
  for (const auto& [key, value] : file.metadata()) {
    if (!absl::StartsWithIgnoreCase(key, kOurs)) continue;
    if (key != kKey) {
      return absl::InvalidArgumentError(
          absl::StrCat(place, ": has a key of this program's that it does not "
                              "know"));
    }
    RETURN_IF_ERROR(ParseTextProto(value, place, &record.emplace()));
    RETURN_IF_ERROR(AtField(ValidateRecord(*record), value, place));
  }
  return record;
}

std::string DescribePretraining(const PretrainingRecord& record) {
  // Enough of the digest to tell weights apart; all of it is in the record.
  constexpr size_t kShown = 12;
  return absl::StrFormat(
      "pre-trained by %s_%s for %d steps (%d tokens of %s), loss %.3f, digest "
      "%s",
      record.spec_name(), record.method(), record.steps(), record.tokens(),
      record.dataset(), record.final_loss(),
      record.parameters_digest().substr(0, kShown));
}

}  // namespace anisograd
