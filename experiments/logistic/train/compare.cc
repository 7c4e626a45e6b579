#include "experiments/logistic/train/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "experiments/selection.h"
#include "google/protobuf/repeated_field.h"

namespace anisograd {
namespace {

double RelativeDifference(double expected, double actual) {
  if (expected == actual || (std::isnan(expected) && std::isnan(actual))) {
    return 0.0;
  }
  const double difference =
      std::fabs(actual - expected) / std::max(std::fabs(expected), 1e-300);
  return std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                : difference;
}

using Series = google::protobuf::RepeatedField<double>;

double LargestDifference(const Series& expected, const Series& actual) {
  if (expected.size() != actual.size()) {
    return std::numeric_limits<double>::infinity();
  }
  double largest = 0.0;
  for (int i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, RelativeDifference(expected[i], actual[i]));
  }
  return largest;
}

// 0 where one of them has none, as a GPU has none of every step.
double LargestDifferenceOfBoth(const Series& expected, const Series& actual) {
  return expected.empty() || actual.empty()
             ? 0.0
             : LargestDifference(expected, actual);
}

bool SameOutcome(const Run& a, const Run& b) {
  return a.outcome() == b.outcome() &&
         a.explosion_step() == b.explosion_step() &&
         a.best_epoch() == b.best_epoch();
}

}  // namespace

absl::StatusOr<ResultDifferences> CompareResults(
    const ExperimentResult& expected, const ExperimentResult& actual) {
  if (expected.spec_digest() != actual.spec_digest()) {
    return absl::InvalidArgumentError("spec_digest: not the same cell");
  }
  if (expected.dataset().digest() != actual.dataset().digest()) {
    return absl::InvalidArgumentError("dataset.digest: not the same data");
  }
  if (expected.run_size() != actual.run_size()) {
    return absl::InvalidArgumentError("run: not as many");
  }
  ResultDifferences out;
  for (int i = 0; i < expected.run_size(); ++i) {
    const Run& a = expected.run(i);
    const Run& b = actual.run(i);
    const double loss = std::max(
        {LargestDifference(a.loss(), b.loss()),
         LargestDifference(a.epoch_mean_loss(), b.epoch_mean_loss()),
         RelativeDifference(a.best_loss(), b.best_loss()),
         a.has_lowest_loss() && b.has_lowest_loss()
             ? RelativeDifference(a.lowest_loss(), b.lowest_loss())
             : 0.0});
    const double distance = std::max(
        {LargestDifference(a.max_distance_l2(), b.max_distance_l2()),
         LargestDifference(a.max_distance_linf(), b.max_distance_linf()),
         LargestDifferenceOfBoth(a.max_step_distance_l2(),
                                 b.max_step_distance_l2()),
         LargestDifferenceOfBoth(a.max_step_distance_linf(),
                                 b.max_step_distance_linf())});
    if (a.outcome() == Run::EXPLODED) {
      out.exploded = std::max({out.exploded, loss, distance});
    } else {
      out.loss = std::max(out.loss, loss);
      out.distance = std::max(out.distance, distance);
    }
    if (!SameOutcome(a, b)) ++out.outcomes;
  }
  out.selection =
      expected.has_selected() != actual.has_selected() ||
      !AreOfOneGridPoint(expected.selected(), actual.selected());
  return out;
}

}  // namespace anisograd
