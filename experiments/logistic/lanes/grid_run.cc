#include "experiments/logistic/lanes/grid_run.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "optim/rules.h"

namespace anisograd {
namespace {

// Beyond this dimension steps on coordinates at rest are put off.
constexpr int64_t kDenseDimension = 1024;

// Replaying steps that were put off ends early where updates have become too
// small for the weight, which takes updates that fall (optim/adam.h).
absl::Status CheckUpdatesFall(const GridTrainerOptions& options) {
  if (options.optimizer.has_adam() &&
      options.optimizer.adam().beta1() >=
          std::sqrt(options.optimizer.adam().beta2())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "optimizer.adam.beta1: must be below the square root of beta2 in more "
        "than ", kDenseDimension, " dimensions"));
  }
  for (const GridPoint& point : options.grid) {
    if (point.schedule.warmup_steps() > 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "grid.schedule.warmup_steps: a rule that moves coordinates at rest, "
          "such as Adam, takes no rising rate in more than ", kDenseDimension,
          " dimensions"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<GridPoint> ExpandGrid(const Grid& grid) {
  std::vector<GridPoint> points;
  for (const double rate : grid.learning_rate()) {
    for (const ScheduleSpec& schedule : grid.schedule()) {
      points.push_back({rate, schedule});
    }
  }
  return points;
}

bool PutsStepsOff(const OptimizerSpec& optimizer, int64_t dimension) {
  return RuleAtRest(optimizer) == AtRest::kAllMove &&
         dimension > kDenseDimension;
}

absl::Status CheckGridOptions(const GridTrainerOptions& options,
                              int64_t dimension) {
  if (options.optimizer.rule_case() == OptimizerSpec::RULE_NOT_SET) {
    return absl::InvalidArgumentError("optimizer: must name an update rule");
  }
  if (options.batch_size <= 0) {
    return absl::InvalidArgumentError("batch_size: must be positive");
  }
  const LogisticProtocol& protocol = options.protocol;
  const ProjectionSpec& projection = protocol.projection();
  const bool ball = projection.kind() == ProjectionSpec::L2_BALL;
  const double reach =
      protocol.initial_radius() *
      (ball ? std::sqrt(static_cast<double>(dimension)) : 1.0);
  if (projection.kind() != ProjectionSpec::NONE &&
      reach > projection.radius()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "logistic.projection.radius: w_0 must lie in W, so the radius must be "
        "at least logistic.initial_radius",
        ball ? " times the square root of the dimension: " : ": ", reach));
  }
  if (PutsStepsOff(options.optimizer, dimension) &&
      (projection.kind() != ProjectionSpec::NONE ||
       protocol.iterate() == LogisticProtocol::AVERAGED)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "logistic: a rule that moves coordinates at rest, such as Adam, has "
        "neither projections nor averaged iterates in more than ",
        kDenseDimension, " dimensions"));
  }
  if (PutsStepsOff(options.optimizer, dimension)) {
    return CheckUpdatesFall(options);
  }
  return absl::OkStatus();
}

bool TouchesMostCoordinates(const LogisticProblem& problem,
                            int64_t batch_size) {
  return problem.dimension() <=
         batch_size * (problem.nonzeros() / problem.rows());
}

}  // namespace anisograd
