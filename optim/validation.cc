#include "optim/validation.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace anisograd {
namespace {

absl::Status Bad(absl::string_view field, absl::string_view part,
                 absl::string_view reason, double got) {
  return absl::InvalidArgumentError(
      absl::StrCat(field, part, ": ", reason, ", got ", got));
}

bool IsPositive(double x) { return std::isfinite(x) && x > 0.0; }

// Rules are computed in single precision too, in which a constant must keep what
// makes it valid. The square of such an epsilon is positive in double precision.
bool IsPositiveInSingle(double x) {
  return IsPositive(x) && static_cast<float>(x) > 0.0f;
}
bool IsBelowOneInSingle(double x) { return static_cast<float>(x) < 1.0f; }
constexpr char kPositive[] =
    "must be positive and finite, in single precision too";

}  // namespace

absl::Status ValidateOptimizer(const OptimizerSpec& optimizer,
                               absl::string_view field) {
  switch (optimizer.rule_case()) {
    case OptimizerSpec::kSgd:
      return absl::OkStatus();
    case OptimizerSpec::kAdagrad: {
      const AdaGrad& rule = optimizer.adagrad();
      if (rule.epsilon_convention() != AdaGrad::OUTSIDE_ROOT &&
          rule.epsilon_convention() != AdaGrad::INSIDE_ROOT) {
        return absl::InvalidArgumentError(absl::StrCat(
            field,
            ".adagrad.epsilon_convention: must be OUTSIDE_ROOT or "
            "INSIDE_ROOT"));
      }
      if (!IsPositiveInSingle(rule.epsilon())) {
        return Bad(field, ".adagrad.epsilon", kPositive, rule.epsilon());
      }
      if (!std::isfinite(rule.initial_accumulator()) ||
          rule.initial_accumulator() < 0.0) {
        return Bad(field, ".adagrad.initial_accumulator",
                   "must be finite and not negative",
                   rule.initial_accumulator());
      }
      if (rule.epsilon_convention() == AdaGrad::INSIDE_ROOT &&
          rule.initial_accumulator() != 0.0) {
        return Bad(field, ".adagrad.initial_accumulator",
                   "must be 0 with INSIDE_ROOT, where v starts at epsilon^2",
                   rule.initial_accumulator());
      }
      return absl::OkStatus();
    }
    case OptimizerSpec::kAdagradNorm:
      if (!IsPositiveInSingle(optimizer.adagrad_norm().epsilon())) {
        return Bad(field, ".adagrad_norm.epsilon", kPositive,
                   optimizer.adagrad_norm().epsilon());
      }
      return absl::OkStatus();
    case OptimizerSpec::kAdam: {
      const Adam& rule = optimizer.adam();
      if (!(rule.beta1() >= 0.0 && IsBelowOneInSingle(rule.beta1()))) {
        return Bad(field, ".adam.beta1",
                   "must be in [0, 1), in single precision too", rule.beta1());
      }
      if (!(rule.beta2() > 0.0 && IsBelowOneInSingle(rule.beta2()))) {
        return Bad(field, ".adam.beta2",
                   "must be in (0, 1), in single precision too", rule.beta2());
      }
      if (!IsPositiveInSingle(rule.epsilon())) {
        return Bad(field, ".adam.epsilon", kPositive, rule.epsilon());
      }
      return absl::OkStatus();
    }
    case OptimizerSpec::RULE_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": must name an update rule"));
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
    return Bad(field, ".warmup_steps",
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
  const bool none = projection.kind() == ProjectionSpec::NONE;
  if (none ? projection.radius() != 0.0 : !IsPositive(projection.radius())) {
    return Bad(field, ".radius",
               none ? "must be 0 without a projection"
                    : "must be positive and finite",
               projection.radius());
  }
  return absl::OkStatus();
}

}  // namespace anisograd
