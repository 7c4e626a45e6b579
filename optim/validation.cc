#include "optim/validation.h"

#include "absl/strings/str_cat.h"
#include "optim/rules.h"

namespace anisograd {

absl::Status ValidateOptimizer(const OptimizerSpec& optimizer,
                               absl::string_view field) {
  if (optimizer.rule_case() == OptimizerSpec::RULE_NOT_SET) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": must name an update rule"));
  }
  return WithRule(optimizer.rule_case(), [&](auto tag) {
    using Rule = RuleOf<decltype(tag), double>;
    return Rule::Validate(optimizer, absl::StrCat(field, ".", Rule::kName));
  });
}

absl::Status ValidateSchedule(const ScheduleSpec& schedule,
                              absl::string_view field) {
  if (schedule.kind() == ScheduleSpec::KIND_UNSPECIFIED ||
      !ScheduleSpec::Kind_IsValid(schedule.kind())) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ".kind: must be a known schedule"));
  }
  if (schedule.warmup_steps() < 0 ||
      (schedule.warmup_steps() > 0 && schedule.kind() != ScheduleSpec::COSINE)) {
    return BadConstant(field, "warmup_steps",
                       "must not be negative, and 0 without COSINE",
                       static_cast<double>(schedule.warmup_steps()));
  }
  return absl::OkStatus();
}

absl::Status ValidateProjection(const ProjectionSpec& projection,
                                absl::string_view field) {
  if (!ProjectionSpec::Kind_IsValid(projection.kind())) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ".kind: must be a known projection"));
  }
  if (projection.kind() != ProjectionSpec::NONE) {
    return CheckPositive(field, "radius", projection.radius());
  }
  if (projection.radius() != 0.0) {
    return BadConstant(field, "radius", "must be 0 without a projection",
                       projection.radius());
  }
  return absl::OkStatus();
}

}  // namespace anisograd
