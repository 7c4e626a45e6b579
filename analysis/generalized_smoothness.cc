#include "analysis/generalized_smoothness.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/provenance.h"
#include "experiments/gpt2/smoothness/smoothness_result.h"

namespace anisograd {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// What claims ask of held-out points: in all, and in every coordinate.
constexpr double kLeastShare = 0.95;
constexpr double kLeastCoordinateShare = 0.75;
// Rounding that inequalities are forgiven.
constexpr double kOne = 1.0 + 1e-12;

bool IsUniform(const ProbedCoordinate& coordinate) {
  return coordinate.sample() == ProbedCoordinate::UNIFORM;
}

// |w - w'|_2 / sqrt(d), over the uniform sample; 0 without one.
double RootMeanSquareDisplacement(const Gpt2SmoothnessResult& result,
                                  const NearbyPoint& nearby) {
  double sum = 0.0;
  int64_t count = 0;
  for (int j = 0; j < result.coordinate_size(); ++j) {
    if (!IsUniform(result.coordinate(j))) continue;
    const double displacement = nearby.displacement(j);
    sum += displacement * displacement;
    ++count;
  }
  return count == 0 ? 0.0 : std::sqrt(sum / static_cast<double>(count));
}

double LargestUsefulL1(const Gpt2SmoothnessResult& result) {
  double farthest = 0.0;
  for (const SmoothnessProbe& probe : result.probe()) {
    for (const NearbyPoint& nearby : probe.nearby()) {
      farthest = std::max(farthest, RootMeanSquareDisplacement(result, nearby));
    }
  }
  return farthest > 0.0 ? 1.0 / farthest : kInfinity;
}

double GradientChange(const SmoothnessProbe& probe, const NearbyPoint& nearby,
                      int j) {
  return static_cast<double>(probe.gradient(j)) -
         static_cast<double>(nearby.gradient(j));
}

void CollectPoints(const Gpt2SmoothnessResult& result, int j,
                   CoordinateSmoothness* out) {
  for (int i = 0; i < result.probe_size(); ++i) {
    const SmoothnessProbe& probe = result.probe(i);
    for (const NearbyPoint& nearby : probe.nearby()) {
      const double displacement = std::fabs(nearby.displacement(j));
      if (displacement == 0.0) {
        ++out->without_displacement;
        continue;
      }
      out->points.push_back(
          {probe.iteration(), nearby.radius(), i % 2 == 1,
           {std::fabs(probe.gradient(j)),
            std::fabs(GradientChange(probe, nearby, j)) / displacement}});
    }
  }
}

void FitLines(double max_l1, CoordinateSmoothness* coordinate) {
  std::vector<PlanePoint> all, even;
  for (const SmoothnessPoint& point : coordinate->points) {
    all.push_back(point.at);
    if (!point.held_out) even.push_back(point.at);
  }
  if (!all.empty()) {
    coordinate->bound = FitUpperEnvelope(all, max_l1);
    double highest = 0.0;
    for (const PlanePoint& point : all) highest = std::max(highest, point.y);
    for (const PlanePoint& point : all) {
      coordinate->mean_excess += coordinate->bound.At(point.x) - point.y;
      coordinate->constant_mean_excess += highest - point.y;
    }
    coordinate->mean_excess /= static_cast<double>(all.size());
    coordinate->constant_mean_excess /= static_cast<double>(all.size());
  }
  if (even.empty()) return;
  coordinate->half_bound = FitUpperEnvelope(even, max_l1);
  for (const SmoothnessPoint& point : coordinate->points) {
    if (!point.held_out) continue;
    ++coordinate->held_out.points;
    coordinate->held_out.covered += coordinate->half_bound.Covers(point.at);
  }
}

using Line = LinearBound CoordinateSmoothness::*;

// Left side of (9) over its right side, L by the given lines.
double Ratio(const SmoothnessProbe& probe, const NearbyPoint& nearby,
             const std::vector<CoordinateSmoothness>& coordinates, Line line) {
  double left = 0.0, right = 0.0;
  for (size_t i = 0; i < coordinates.size(); ++i) {
    if (!IsUniform(coordinates[i].coordinate)) continue;
    const int j = static_cast<int>(i);
    const double l =
        (coordinates[i].*line).At(std::fabs(probe.gradient(j)));
    const double change = GradientChange(probe, nearby, j);
    const double displacement = nearby.displacement(j);
    if (l > 0.0) {
      left += change * change / l;
      right += l * displacement * displacement;
    } else if (change != 0.0) {
      return kInfinity;
    }
  }
  if (left == 0.0) return 0.0;
  return right == 0.0 ? kInfinity : std::sqrt(left / right);
}

double LargestL1(const std::vector<CoordinateSmoothness>& coordinates,
                 Line line) {
  double largest = 0.0;
  for (const CoordinateSmoothness& c : coordinates) {
    if (IsUniform(c.coordinate)) largest = std::max(largest, (c.*line).l1);
  }
  return largest;
}

void CheckInequality(const Gpt2SmoothnessResult& result,
                     GeneralizedSmoothness* out) {
  constexpr Line kAll = &CoordinateSmoothness::bound;
  constexpr Line kHalf = &CoordinateSmoothness::half_bound;
  const double largest_l1 = LargestL1(out->coordinates, kAll);
  const double largest_half_l1 = LargestL1(out->coordinates, kHalf);
  for (int i = 0; i < result.probe_size(); ++i) {
    const SmoothnessProbe& probe = result.probe(i);
    for (const NearbyPoint& nearby : probe.nearby()) {
      InequalityCheck check;
      check.iteration = probe.iteration();
      check.radius = nearby.radius();
      check.ratio = Ratio(probe, nearby, out->coordinates, kAll);
      check.distance = RootMeanSquareDisplacement(result, nearby) *
                       std::max(largest_l1, largest_half_l1);
      if (i % 2 == 1) {
        check.held_out_ratio = Ratio(probe, nearby, out->coordinates, kHalf);
      }
      out->inequality.push_back(check);
    }
  }
}

bool IsTested(const GeneralizedSmoothness& q) {
  return q.scale_note.empty() && q.explosion.empty();
}

std::string Evidence(const GeneralizedSmoothness& q,
                     const std::string& numbers) {
  const std::string evidence =
      q.explosion.empty() ? numbers : absl::StrCat(q.explosion, "; ", numbers);
  return q.scale_note.empty() ? evidence
                              : UntestedEvidence(q.reduced, evidence);
}

Claim::Verdict Judge(const GeneralizedSmoothness& q, bool holds) {
  if (!IsTested(q)) return Claim::Verdict::kNotTested;
  return holds ? Claim::Verdict::kHolds : Claim::Verdict::kFails;
}

}  // namespace

Coverage GeneralizedSmoothness::HeldOut(ProbedCoordinate::Sample sample) const {
  Coverage sum;
  for (const CoordinateSmoothness& c : coordinates) {
    if (c.coordinate.sample() != sample) continue;
    sum.points += c.held_out.points;
    sum.covered += c.held_out.covered;
  }
  return sum;
}

double GeneralizedSmoothness::LeastHeldOutShare(
    ProbedCoordinate::Sample sample) const {
  double least = 1.0;
  for (const CoordinateSmoothness& c : coordinates) {
    if (c.coordinate.sample() == sample) {
      least = std::min(least, c.held_out.share());
    }
  }
  return least;
}

Coverage GeneralizedSmoothness::Inequality() const {
  Coverage pairs;
  for (const InequalityCheck& check : inequality) {
    if (check.distance > kOne) continue;
    ++pairs.points;
    pairs.covered += check.ratio <= kOne;
  }
  return pairs;
}

Coverage GeneralizedSmoothness::HeldOutInequality() const {
  Coverage pairs;
  for (const InequalityCheck& check : inequality) {
    if (!check.held_out_ratio || check.distance > kOne) continue;
    ++pairs.points;
    pairs.covered += *check.held_out_ratio <= kOne;
  }
  return pairs;
}

double GeneralizedSmoothness::LargestHeldOutRatio() const {
  double largest = 0.0;
  for (const InequalityCheck& check : inequality) {
    if (!check.held_out_ratio || check.distance > kOne) continue;
    largest = std::max(largest, *check.held_out_ratio);
  }
  return largest;
}

absl::StatusOr<GeneralizedSmoothness> ComputeGeneralizedSmoothness(
    const Gpt2SmoothnessResult& result) {
  const absl::Status status = ValidateSmoothnessResult(result);
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat(result.target(), ": ",
                                                    status.message()));
  }
  GeneralizedSmoothness out;
  out.target = result.target();
  out.reduced = !result.spec().reduced().empty();
  out.scale_note = ScaleNote(result.spec().reduced(), result.start(),
                             result.dataset());
  out.start_note = StartNote(result.start());
  out.recorded_note = RecordedNote(result.device(), result.source_revision());
  if (result.outcome() == Run::EXPLODED) {
    out.explosion = absl::StrCat("exploded at step ", result.explosion_step(),
                                 ": ", result.explosion_reason());
  }
  out.max_l1 = LargestUsefulL1(result);
  for (int j = 0; j < result.coordinate_size(); ++j) {
    CoordinateSmoothness& coordinate = out.coordinates.emplace_back();
    coordinate.coordinate = result.coordinate(j);
    CollectPoints(result, j, &coordinate);
    FitLines(out.max_l1, &coordinate);
  }
  CheckInequality(result, &out);
  return out;
}

Claim CheckLinearBound(const GeneralizedSmoothness& q) {
  Claim claim{"linear_bound_in_all_dimensions",
              "Local smoothness has a linear bound in all sampled dimensions of "
              "GPT-2"};
  const Coverage held_out = q.HeldOut(ProbedCoordinate::STRATIFIED);
  if (held_out.points == 0) {
    claim.evidence = Evidence(q, "no held-out points");
    return claim;
  }
  const double least = q.LeastHeldOutShare(ProbedCoordinate::STRATIFIED);
  claim.evidence = Evidence(
      q, absl::StrFormat("lines fitted to half of the probes cover %.1f %% of "
                         "the other half's %d points, at least %.0f %% in each "
                         "dimension (holds at %.0f and %.0f)",
                         100 * held_out.share(), held_out.points, 100 * least,
                         100 * kLeastShare, 100 * kLeastCoordinateShare));
  claim.verdict = Judge(q, held_out.share() >= kLeastShare &&
                               least >= kLeastCoordinateShare);
  return claim;
}

Claim CheckAnisotropicSmoothness(const GeneralizedSmoothness& q) {
  Claim claim{"assumption_5_1",
              "Assumption 5.1's inequality (9) holds along GPT-2's training"};
  const Coverage held_out = q.HeldOutInequality();
  if (held_out.points == 0) {
    claim.evidence = Evidence(q, "no held-out pairs");
    return claim;
  }
  claim.evidence = Evidence(
      q, absl::StrFormat("with lines fitted to half of the probes, at %d of the "
                         "other half's %d pairs; left side over right side at "
                         "most %.2f",
                         held_out.covered, held_out.points,
                         q.LargestHeldOutRatio()));
  claim.verdict = Judge(q, held_out.covered == held_out.points);
  return claim;
}

}  // namespace anisograd
