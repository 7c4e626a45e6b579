#include "analysis/gpt2/generalized_smoothness.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/provenance.h"
#include "experiments/gpt2/smoothness/smoothness_result.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// What claims ask of held-out points: in all, and in every coordinate.
constexpr double kLeastShare = 0.95;
constexpr double kLeastCoordinateShare = 0.75;
// The permutation test of the gradients.
constexpr int kPermutations = 199;
constexpr double kLargestPValue = 0.05;
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

// Whether a line of the other half's probes is held against this one.
bool IsHeldOut(const Gpt2SmoothnessResult& result, int probe) {
  return 2 * probe >= result.probe_size();
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
          {probe.iteration(), nearby.radius(), i, IsHeldOut(result, i),
           {std::fabs(probe.gradient(j)),
            std::fabs(GradientChange(probe, nearby, j)) / displacement}});
    }
  }
}

double MeanExcess(const std::vector<PlanePoint>& points,
                  const LinearBound& bound) {
  double sum = 0.0;
  for (const PlanePoint& point : points) sum += bound.At(point.x) - point.y;
  return sum / static_cast<double>(points.size());
}

void FitLines(double max_l1, CoordinateSmoothness* coordinate) {
  std::vector<PlanePoint> all, first;
  for (const SmoothnessPoint& point : coordinate->points) {
    all.push_back(point.at);
    if (!point.held_out) first.push_back(point.at);
  }
  if (!all.empty()) {
    coordinate->bound = FitUpperEnvelope(all, max_l1);
    coordinate->mean_excess = MeanExcess(all, coordinate->bound);
    coordinate->constant_mean_excess =
        MeanExcess(all, FitUpperEnvelope(all, 0.0));
  }
  if (first.empty()) return;
  coordinate->half_bound = FitUpperEnvelope(first, max_l1);
  for (const SmoothnessPoint& point : coordinate->points) {
    if (!point.held_out) continue;
    ++coordinate->held_out.points;
    coordinate->held_out.covered += coordinate->half_bound.Covers(point.at);
  }
}

// Mean excess of a line over that of a constant.
double RelativeExcess(double line, double constant) {
  return constant > 0.0 ? line / constant : 1.0;
}

// RelativeExcess of the points, each probe with the gradient of another.
double PermutedExcess(const CoordinateSmoothness& c, double max_l1,
                      const std::vector<int>& permutation) {
  std::vector<double> gradient(permutation.size());
  for (const SmoothnessPoint& point : c.points) {
    gradient[point.probe] = point.at.x;
  }
  std::vector<PlanePoint> points;
  for (const SmoothnessPoint& point : c.points) {
    points.push_back({gradient[permutation[point.probe]], point.at.y});
  }
  return RelativeExcess(MeanExcess(points, FitUpperEnvelope(points, max_l1)),
                        c.constant_mean_excess);
}

// The same permutation for all coordinates: they share the path.
GradientGain MeasureGain(const GeneralizedSmoothness& q, int probes) {
  GradientGain gain;
  std::vector<const CoordinateSmoothness*> coordinates;
  double sum = 0.0;
  for (const CoordinateSmoothness& c : q.coordinates) {
    if (IsUniform(c.coordinate) || c.points.empty()) continue;
    coordinates.push_back(&c);
    gain.flat += c.bound.l1 == 0.0;
    sum += RelativeExcess(c.mean_excess, c.constant_mean_excess);
  }
  gain.coordinates = static_cast<int>(coordinates.size());
  if (coordinates.empty()) return gain;
  gain.excess = sum / gain.coordinates;
  int as_good = 0;
  std::vector<int> permutation(probes);
  for (int k = 0; k < kPermutations; ++k) {
    std::iota(permutation.begin(), permutation.end(), 0);
    Shuffle(RandomStream(1, RandomPurpose::kShuffle, k), permutation.data(),
            permutation.size());
    double permuted = 0.0;
    for (const CoordinateSmoothness* const c : coordinates) {
      permuted += PermutedExcess(*c, q.max_l1, permutation);
    }
    permuted /= gain.coordinates;
    as_good += permuted <= gain.excess;
    gain.least_permuted = std::min(gain.least_permuted, permuted);
  }
  gain.p_value = (1.0 + as_good) / (1.0 + kPermutations);
  return gain;
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
      if (IsHeldOut(result, i)) {
        check.held_out_ratio = Ratio(probe, nearby, out->coordinates, kHalf);
      }
      out->inequality.push_back(check);
    }
  }
}

// Judges at full scale on what did not explode, or says apart whether it holds.
void Judge(const GeneralizedSmoothness& q, bool holds,
           const std::string& numbers, Claim* claim) {
  if (!q.explosion.empty()) {
    claim->apart = absl::StrCat(q.explosion, "; ", numbers);
  } else if (!q.scale_note.empty()) {
    claim->apart = ApartEvidence(q.reduced, holds, numbers);
  } else {
    claim->evidence = numbers;
    claim->verdict = holds ? Claim::Verdict::kHolds : Claim::Verdict::kFails;
  }
}

// Where there is nothing to judge by.
void SayNothing(const GeneralizedSmoothness& q, const std::string& what,
                Claim* claim) {
  claim->apart = q.explosion.empty() ? what
                                     : absl::StrCat(q.explosion, "; ", what);
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
  out.gain = MeasureGain(out, result.probe_size());
  return out;
}

Claim CheckLinearBound(const GeneralizedSmoothness& q) {
  Claim claim{"linear_bound_in_all_dimensions",
              "Local smoothness has a linear bound in all sampled dimensions of "
              "GPT-2"};
  const Coverage held_out = q.HeldOut(ProbedCoordinate::STRATIFIED);
  if (held_out.points == 0) {
    SayNothing(q, "no held-out points", &claim);
    return claim;
  }
  const double least = q.LeastHeldOutShare(ProbedCoordinate::STRATIFIED);
  Judge(q, held_out.share() >= kLeastShare && least >= kLeastCoordinateShare,
        absl::StrFormat("lines fitted to the first half of the path cover "
                        "%.1f %% of the second half's %d points, at least "
                        "%.0f %% in each dimension (holds at %.0f and %.0f)",
                        100 * held_out.share(), held_out.points, 100 * least,
                        100 * kLeastShare, 100 * kLeastCoordinateShare),
        &claim);
  return claim;
}

Claim CheckGradientExplainsSmoothness(const GeneralizedSmoothness& q) {
  Claim claim{"gradient_explains_smoothness",
              "The gradient explains local smoothness of GPT-2: lines bound it "
              "better than constants"};
  const GradientGain& gain = q.gain;
  if (gain.coordinates == 0) {
    SayNothing(q, "no points", &claim);
    return claim;
  }
  Judge(q, gain.excess < 1.0 && gain.p_value <= kLargestPValue,
        absl::StrFormat("lines exceed the points by %.3f of what constants do, "
                        "with gradients permuted by %.3f at best of %d (p = "
                        "%.3f, holds at %.2f); %d of %d lines are flat",
                        gain.excess, gain.least_permuted, kPermutations,
                        gain.p_value, kLargestPValue, gain.flat,
                        gain.coordinates),
        &claim);
  return claim;
}

Claim CheckAnisotropicSmoothness(const GeneralizedSmoothness& q) {
  Claim claim{"assumption_5_1",
              "Assumption 5.1's inequality (9) holds along GPT-2's training"};
  const Coverage held_out = q.HeldOutInequality();
  if (held_out.points == 0) {
    SayNothing(q, "no held-out pairs", &claim);
    return claim;
  }
  Judge(q, held_out.covered == held_out.points,
        absl::StrFormat("with lines fitted to the first half of the path, at %d "
                        "of the second half's %d pairs; left side over right "
                        "side at most %.2f",
                        held_out.covered, held_out.points,
                        q.LargestHeldOutRatio()),
        &claim);
  return claim;
}

}  // namespace anisograd
