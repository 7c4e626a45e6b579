#include "analysis/theory/adagrad_bound.h"

#include <cmath>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

absl::Status CheckEntries(absl::string_view name, absl::Span<const double> v,
                          size_t size) {
  if (v.size() != size) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, ": has ", v.size(), " entries, not the ", size, " of smoothness"));
  }
  for (size_t j = 0; j < v.size(); ++j) {
    if (!(std::isfinite(v[j]) && v[j] >= 0.0)) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, "[", j, "]: must be finite and not negative, got ", v[j]));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRun(const AdaGradRun& run) {
  const auto bad = [](absl::string_view name, double got) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": out of its range, got ", got));
  };
  if (run.steps <= 0) return bad("steps", static_cast<double>(run.steps));
  if (!(run.last_rate > 0.0)) return bad("last_rate", run.last_rate);
  if (!(std::isfinite(run.first_rate) && run.first_rate >= run.last_rate)) {
    return bad("first_rate", run.first_rate);
  }
  if (!(std::isfinite(run.inverse_batches) && run.inverse_batches > 0.0)) {
    return bad("inverse_batches", run.inverse_batches);
  }
  if (!(std::isfinite(run.epsilon) && run.epsilon >= 0.0)) {
    return bad("epsilon", run.epsilon);
  }
  if (!(std::isfinite(run.initial_distance) && run.initial_distance >= 0.0)) {
    return bad("initial_distance", run.initial_distance);
  }
  return absl::OkStatus();
}

}  // namespace

double LargestSolution(double a, double b) {
  const double root = (a + std::sqrt(a * a + 4.0 * b)) / 2.0;
  return root * root;
}

absl::StatusOr<ConvexBound> BoundAdaGrad(const AdaGradRun& run,
                                         absl::Span<const double> smoothness,
                                         absl::Span<const double> sigma,
                                         absl::Span<const double> distance) {
  RETURN_IF_ERROR(CheckRun(run));
  RETURN_IF_ERROR(CheckEntries("smoothness", smoothness, smoothness.size()));
  RETURN_IF_ERROR(CheckEntries("sigma", sigma, smoothness.size()));
  RETURN_IF_ERROR(CheckEntries("distance", distance, smoothness.size()));
  double curvature = 0.0, noise = 0.0, squares = 0.0;
  for (size_t j = 0; j < smoothness.size(); ++j) {
    const double k =
        run.first_rate + distance[j] * distance[j] / (2.0 * run.last_rate);
    curvature += k * k * smoothness[j];
    noise += k * sigma[j];
    squares += distance[j] * distance[j];
  }
  const double steps = static_cast<double>(run.steps);
  ConvexBound bound;
  bound.bias = 2.0 * curvature / steps;
  bound.variance = 2.0 * noise * std::sqrt(run.inverse_batches) / steps;
  bound.epsilon =
      run.epsilon *
      (run.initial_distance * run.initial_distance / run.first_rate +
       squares * (1.0 / run.last_rate - 1.0 / run.first_rate)) /
      steps;
  // A <= a sqrt(A) + b with a^2 the bias and 2 b the rest.
  bound.solved = LargestSolution(std::sqrt(bound.bias),
                                 (bound.variance + bound.epsilon) / 2.0);
  return bound;
}

double BestAdaGradRate(double distance_linf) {
  return distance_linf / std::sqrt(2.0);
}

}  // namespace anisograd
