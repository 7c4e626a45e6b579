#include "analysis/theory/nonconvex_bound.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/base/status_macros.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

absl::Status CheckRun(const NonconvexRun& run) {
  const auto bad = [](absl::string_view name, double got) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": out of its range, got ", got));
  };
  const auto positive = [](double x) { return std::isfinite(x) && x > 0.0; };
  if (run.steps <= 0) return bad("steps", static_cast<double>(run.steps));
  if (!positive(run.batch_size)) return bad("batch_size", run.batch_size);
  if (!positive(run.rate)) return bad("rate", run.rate);
  if (!positive(run.epsilon)) return bad("epsilon", run.epsilon);
  if (!(std::isfinite(run.initial_gap) && run.initial_gap >= 0.0)) {
    return bad("initial_gap", run.initial_gap);
  }
  return absl::OkStatus();
}

double Entropy(absl::Span<const double> v, double sum) {
  double entropy = 0.0;
  for (const double x : v) {
    if (x > 0.0) entropy -= x / sum * Log(x / sum);
  }
  return entropy;
}

}  // namespace

absl::StatusOr<std::optional<double>> BoundAdaGradGradient(
    const NonconvexRun& run, absl::Span<const double> l0,
    absl::Span<const double> l1, absl::Span<const double> sigma) {
  RETURN_IF_ERROR(CheckRun(run));
  const size_t d = l0.size();
  if (l1.size() != d || sigma.size() != d) {
    return absl::InvalidArgumentError(
        absl::StrCat("l0, l1, sigma: have ", d, ", ", l1.size(), " and ",
                     sigma.size(), " entries"));
  }
  double steepest = 0.0, noise = 0.0, sum = 0.0;
  std::vector<double> a(d);
  for (size_t j = 0; j < d; ++j) {
    if (!(l0[j] >= 0.0 && l1[j] >= 0.0 && sigma[j] >= 0.0)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "l0, l1, sigma: entry ", j, " must not be negative"));
    }
    const double s = sigma[j] / std::sqrt(run.batch_size);
    steepest = std::max(steepest, l1[j]);
    noise += s;
    a[j] = s + run.rate * (l0[j] + l1[j] * s) / 2.0;
    sum += a[j];
  }
  const double c = 0.5 - run.rate * steepest;
  if (!(c > 0.0)) return std::optional<double>();
  const double steps = static_cast<double>(run.steps);
  const double floor = static_cast<double>(d) * run.epsilon;
  const double spread = sum > 0.0 ? Entropy(a, sum) : 0.0;
  // The largest X for a given X in the logarithm. It is concave and increasing,
  // so that X above its largest fixed point comes down to it.
  const auto next = [&](double x) {
    const double trace = floor + x + std::sqrt(steps) * noise;
    const double logs = std::min(
        steps, 2.0 * std::max(0.0, Log(trace / run.epsilon) - spread));
    const double s = (run.initial_gap / run.rate + sum * logs) / c;
    return s + std::sqrt(s * s + s * (floor + (std::sqrt(steps) + 1) * noise));
  };
  double x = 1.0;
  while (next(x) > x) x *= 2.0;
  for (double y = next(x); y < x; y = next(x)) x = y;
  return std::optional<double>(x * x / steps);
}

}  // namespace anisograd
