#include "experiments/logistic/lanes/grid_run.h"

#include "absl/strings/str_cat.h"

namespace anisograd {
namespace {

// Beyond this dimension Adam's steps on coordinates at rest are put off.
constexpr int64_t kLazyAdamDimension = 1024;

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

bool IsLazyAdam(const OptimizerSpec& optimizer, int64_t dimension) {
  return optimizer.rule_case() == OptimizerSpec::kAdam &&
         dimension > kLazyAdamDimension;
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
  const bool box = protocol.projection().kind() == ProjectionSpec::BOX;
  if (protocol.projection().kind() == ProjectionSpec::L2_BALL) {
    return absl::InvalidArgumentError(
        "logistic.projection.kind: L2_BALL is not available in grid training, "
        "where it would cost a full pass over the weights per step");
  }
  if (box && protocol.initial_radius() > protocol.projection().radius()) {
    return absl::InvalidArgumentError(
        "logistic.projection.radius: w_0 must lie in the box, so the radius "
        "must be at least logistic.initial_radius");
  }
  if (IsLazyAdam(options.optimizer, dimension) &&
      (box || protocol.iterate() == LogisticProtocol::AVERAGED)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "logistic: Adam in more than ", kLazyAdamDimension,
        " dimensions has neither projections nor averaged iterates"));
  }
  return absl::OkStatus();
}

bool TouchesMostCoordinates(const LogisticProblem& problem,
                            int64_t batch_size) {
  return problem.dimension() <=
         batch_size * (problem.nonzeros() / problem.rows());
}

}  // namespace anisograd
