#include "experiments/gpt2/smoothness/smoothness_spec.h"

#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "experiments/gpt2/net/config.h"
#include "experiments/spec_parts.h"
#include "optim/validation.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

absl::Status CheckPositive(int64_t value, absl::string_view field) {
  if (value > 0) return absl::OkStatus();
  return BadField(field, absl::StrCat("must be positive, got ", value));
}

absl::Status CheckNotNegative(int64_t value, absl::string_view field) {
  if (value >= 0) return absl::OkStatus();
  return BadField(field, absl::StrCat("must not be negative, got ", value));
}

// f.
absl::Status ValidateObjective(const Gpt2SmoothnessSpec& spec) {
  RETURN_IF_ERROR(ValidateGpt2Config(spec.model(), "model"));
  RETURN_IF_ERROR(CheckEnum(spec.start().kind(), Gpt2Start::Kind_IsValid,
                            "start.kind"));
  RETURN_IF_ERROR(CheckEnum(spec.sequence_mode(),
                            Gpt2Protocol::SequenceMode_IsValid,
                            "sequence_mode"));
  if (spec.sequence_length() < 2 ||
      spec.sequence_length() > spec.model().context()) {
    return BadField("sequence_length",
                    absl::StrCat("must be in [2, model.context = ",
                                 spec.model().context(), "], got ",
                                 spec.sequence_length()));
  }
  if (spec.mask_prompt() && spec.sequence_mode() == Gpt2Protocol::BLOCKS) {
    return BadField("mask_prompt",
                    "not with BLOCKS, which forget where examples begin");
  }
  RETURN_IF_ERROR(CheckPositive(spec.tokens_per_pass(), "tokens_per_pass"));
  RETURN_IF_ERROR(CheckEnum(spec.arithmetic(),
                            Gpt2Protocol::Arithmetic_IsValid, "arithmetic"));
  RETURN_IF_ERROR(CheckNotNegative(spec.sequences(), "sequences"));
  RETURN_IF_ERROR(CheckNotNegative(spec.sequence_stride(), "sequence_stride"));
  if (spec.sequence_stride() > 1 && spec.reduced().empty()) {
    return BadField("reduced", "must say that sequences are left out");
  }
  return absl::OkStatus();
}

absl::Status ValidateRadii(const Gpt2SmoothnessSpec& spec) {
  if (spec.radius_size() == 0) return BadField("radius", "give at least one");
  std::set<double> seen;
  for (const double radius : spec.radius()) {
    if (!IsPositive(radius)) {
      return BadField("radius", absl::StrCat("must be positive and finite, got ",
                                             radius));
    }
    if (!seen.insert(radius).second) {
      return BadField("radius", absl::StrCat(radius, " stands twice"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateGpt2Smoothness(const Gpt2SmoothnessSpec& spec) {
  if (!IsTargetName(spec.name())) {
    return BadField("name", "must be letters, digits, '_' and '-'");
  }
  if (!IsTargetName(spec.dataset())) {
    return BadField("dataset", "must be letters, digits, '_' and '-'");
  }
  RETURN_IF_ERROR(ValidateObjective(spec));
  RETURN_IF_ERROR(ValidateOptimizer(spec.optimizer(), "optimizer"));
  if (!IsPositive(spec.learning_rate())) {
    return BadField("learning_rate",
                    absl::StrCat("must be positive and finite, got ",
                                 spec.learning_rate()));
  }
  RETURN_IF_ERROR(CheckPositive(spec.steps(), "steps"));
  RETURN_IF_ERROR(CheckPositive(spec.probe_interval(), "probe_interval"));
  RETURN_IF_ERROR(CheckEnum(spec.direction(),
                            Gpt2SmoothnessSpec::Direction_IsValid,
                            "direction"));
  RETURN_IF_ERROR(ValidateRadii(spec));
  RETURN_IF_ERROR(CheckPositive(spec.points_per_radius(), "points_per_radius"));
  RETURN_IF_ERROR(CheckNotNegative(spec.ascent_points(), "ascent_points"));
  RETURN_IF_ERROR(
      CheckPositive(spec.coordinates_per_kind(), "coordinates_per_kind"));
  return CheckPositive(spec.aggregate_coordinates(), "aggregate_coordinates");
}

absl::StatusOr<Gpt2SmoothnessSpec> ReadGpt2Smoothness(
    const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  Gpt2SmoothnessSpec spec;
  RETURN_IF_ERROR(ParseTextProto(text, path, &spec));
  RETURN_IF_ERROR(AtField(ValidateGpt2Smoothness(spec), text, path));
  return spec;
}

}  // namespace anisograd
