#include "analysis/theory/sgd_bound.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using Named = std::pair<absl::string_view, double>;

// Those of `positive` must be above 0, the others may be 0.
absl::Status CheckNumbers(absl::Span<const Named> positive,
                          absl::Span<const Named> others) {
  const auto check = [](const Named& x, bool holds) {
    if (holds && std::isfinite(x.second)) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(x.first, ": out of its range, got ", x.second));
  };
  for (const Named& x : positive) RETURN_IF_ERROR(check(x, x.second > 0.0));
  for (const Named& x : others) RETURN_IF_ERROR(check(x, x.second >= 0.0));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<ConvexBound>> BoundSgd(const SgdRun& run,
                                                    double smoothness_linf,
                                                    double sigma_l2) {
  const double steps = static_cast<double>(run.steps);
  RETURN_IF_ERROR(CheckNumbers({{"steps", steps},
                                {"last_rate", run.last_rate},
                                {"first_rate", run.first_rate},
                                {"noise_rates", run.noise_rates}},
                               {{"initial_distance", run.initial_distance},
                                {"distance", run.distance},
                                {"smoothness_linf", smoothness_linf},
                                {"sigma_l2", sigma_l2}}));
  if (run.first_rate < run.last_rate) {
    return absl::InvalidArgumentError(
        absl::StrCat("first_rate: below last_rate, got ", run.first_rate));
  }
  const double c = std::min(1.0, 2.0 - run.first_rate * smoothness_linf);
  if (!(c > 0.0)) return std::nullopt;
  const double scale = 1.0 / (2.0 * c * steps);
  ConvexBound bound;
  bound.bias =
      scale *
      (run.initial_distance * run.initial_distance / run.first_rate +
       run.distance * run.distance * (1.0 / run.last_rate -
                                      1.0 / run.first_rate));
  bound.variance = scale * sigma_l2 * sigma_l2 * run.noise_rates;
  bound.solved = bound.total();
  return bound;
}

double BestSgdRate(double smoothness_linf, double sigma_l2,
                   double initial_distance, double batch_size, double steps) {
  const double largest = 1.0 / smoothness_linf;
  if (sigma_l2 == 0.0) return largest;
  return std::min(largest, initial_distance * std::sqrt(batch_size) /
                               (sigma_l2 * std::sqrt(steps)));
}

absl::StatusOr<std::optional<double>> BoundSgdGradient(
    const NonconvexSgdRun& run, double smoothness_linf, double sigma_l2) {
  const double steps = static_cast<double>(run.steps);
  RETURN_IF_ERROR(CheckNumbers({{"steps", steps},
                                {"batch_size", run.batch_size},
                                {"rate", run.rate}},
                               {{"initial_gap", run.initial_gap},
                                {"smoothness_linf", smoothness_linf},
                                {"sigma_l2", sigma_l2}}));
  const double c = 1.0 - run.rate * smoothness_linf / 2.0;
  if (!(c > 0.0)) return std::nullopt;
  return (run.initial_gap / (run.rate * steps) +
          smoothness_linf * run.rate * sigma_l2 * sigma_l2 /
              (2.0 * run.batch_size)) /
         c;
}

}  // namespace anisograd
