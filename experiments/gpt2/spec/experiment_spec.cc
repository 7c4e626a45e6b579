#include "experiments/gpt2/spec/experiment_spec.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "experiments/gpt2/net/config.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

absl::Status ValidateProtocol(const Gpt2Protocol& protocol,
                              const Gpt2Config& model) {
  using P = Gpt2Protocol;
  if (protocol.epochs() <= 0) {
    return BadField("protocol.epochs",
                    absl::StrCat("must be positive, got ", protocol.epochs()));
  }
  RETURN_IF_ERROR(CheckEnum(protocol.sequence_mode(), P::SequenceMode_IsValid,
                            "protocol.sequence_mode"));
  if (protocol.sequence_length() < 2 ||
      protocol.sequence_length() > model.context()) {
    return BadField("protocol.sequence_length",
                    absl::StrCat("must be in [2, model.context = ",
                                 model.context(), "], got ",
                                 protocol.sequence_length()));
  }
  if (protocol.mask_prompt() && protocol.sequence_mode() == P::BLOCKS) {
    return BadField("protocol.mask_prompt",
                    "not with BLOCKS, which forget where examples begin");
  }
  RETURN_IF_ERROR(CheckEnum(protocol.last_batch(),
                            LogisticProtocol::LastBatch_IsValid,
                            "protocol.last_batch"));
  RETURN_IF_ERROR(CheckEnum(protocol.accumulation(), P::Accumulation_IsValid,
                            "protocol.accumulation"));
  if (protocol.micro_batch_size() <= 0) {
    return BadField("protocol.micro_batch_size",
                    absl::StrCat("must be positive, got ",
                                 protocol.micro_batch_size()));
  }
  if (!std::isfinite(protocol.max_gradient_norm()) ||
      protocol.max_gradient_norm() < 0.0) {
    return BadField("protocol.max_gradient_norm",
                    absl::StrCat("must be finite and not negative, got ",
                                 protocol.max_gradient_norm()));
  }
  RETURN_IF_ERROR(CheckEnum(protocol.reported_loss(), P::ReportedLoss_IsValid,
                            "protocol.reported_loss"));
  if (protocol.tokens_per_pass() <= 0) {
    return BadField("protocol.tokens_per_pass",
                    absl::StrCat("must be positive, got ",
                                 protocol.tokens_per_pass()));
  }
  return CheckEnum(protocol.arithmetic(), P::Arithmetic_IsValid,
                   "protocol.arithmetic");
}

}  // namespace

absl::Status ValidateGpt2Experiment(const Gpt2ExperimentSpec& spec) {
  RETURN_IF_ERROR(ValidateFamily(spec));
  if (spec.method_size() == 0) return BadField("method", "give at least one");
  RETURN_IF_ERROR(ValidateGpt2Config(spec.model(), "model"));
  RETURN_IF_ERROR(CheckEnum(spec.start().kind(), Gpt2Start::Kind_IsValid,
                            "start.kind"));
  RETURN_IF_ERROR(ValidateProtocol(spec.protocol(), spec.model()));
  const int64_t divisor = spec.protocol().batch_divisor();
  for (const int64_t batch_size : spec.batch_size()) {
    if (divisor < 0 || (divisor > 0 && batch_size % divisor != 0)) {
      return BadField("protocol.batch_divisor",
                      absl::StrCat("must divide every batch size, but is ",
                                   divisor, " where one is ", batch_size));
    }
  }
  if (divisor > 1 && spec.reduced().empty()) {
    return BadField("reduced", "must say that batches are divided");
  }
  return absl::OkStatus();
}

int64_t SequencesPerStep(const Gpt2ExperimentSpec& cell) {
  const int64_t divisor = cell.protocol().batch_divisor();
  return divisor > 1 ? cell.batch_size(0) / divisor : cell.batch_size(0);
}

absl::StatusOr<Gpt2ExperimentSpec> ReadGpt2Experiment(
    const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  Gpt2ExperimentSpec spec;
  RETURN_IF_ERROR(ParseTextProto(text, path, &spec));
  RETURN_IF_ERROR(AtField(ValidateGpt2Experiment(spec), text, path));
  return spec;
}

}  // namespace anisograd
