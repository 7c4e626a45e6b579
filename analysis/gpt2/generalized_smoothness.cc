#include "analysis/gpt2/generalized_smoothness.h"

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
// What one asks of the gradient's gain.
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
      if (nearby.ascent()) continue;
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

// Coordinate `j` of the result, as in GradientGain.
ProbedScatter Scatter(const Gpt2SmoothnessResult& result, int j,
                      const CoordinateSmoothness& coordinate) {
  ProbedScatter scatter;
  for (const SmoothnessProbe& probe : result.probe()) {
    scatter.x.push_back(std::fabs(probe.gradient(j)));
  }
  for (const SmoothnessPoint& point : coordinate.points) {
    scatter.points.push_back({point.probe, point.at.y});
  }
  return scatter;
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
      check.kind = nearby.ascent() ? PairKind::kAscent : PairKind::kRandom;
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

// Whether (9) is asked there of the first half's lines.
bool IsHeldOutPair(const InequalityCheck& check, PairKind kind) {
  return check.kind == kind && check.held_out_ratio && check.distance <= kOne;
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

Coverage GeneralizedSmoothness::Inequality(PairKind kind) const {
  Coverage pairs;
  for (const InequalityCheck& check : inequality) {
    if (check.kind != kind || check.distance > kOne) continue;
    ++pairs.points;
    pairs.covered += check.ratio <= kOne;
  }
  return pairs;
}

Coverage GeneralizedSmoothness::HeldOutInequality(PairKind kind) const {
  Coverage pairs;
  for (const InequalityCheck& check : inequality) {
    if (!IsHeldOutPair(check, kind)) continue;
    ++pairs.points;
    pairs.covered += *check.held_out_ratio <= kOne;
  }
  return pairs;
}

double GeneralizedSmoothness::LargestHeldOutRatio(PairKind kind) const {
  double largest = 0.0;
  for (const InequalityCheck& check : inequality) {
    if (!IsHeldOutPair(check, kind)) continue;
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
  std::vector<ProbedScatter> scatters;
  for (int j = 0; j < result.coordinate_size(); ++j) {
    CoordinateSmoothness& coordinate = out.coordinates.emplace_back();
    coordinate.coordinate = result.coordinate(j);
    CollectPoints(result, j, &coordinate);
    FitLines(out.max_l1, &coordinate);
    if (IsUniform(coordinate.coordinate)) continue;
    scatters.push_back(Scatter(result, j, coordinate));
  }
  CheckInequality(result, &out);
  out.gain = MeasureGradientGain(scatters, out.max_l1);
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
                        "with gradients permuted within blocks of %d probes by "
                        "%.3f at best of %d (p = %.3f, holds at %.2f); %d of %d "
                        "lines are flat",
                        gain.excess, kProbesInABlock, gain.least_permuted,
                        kPermutations, gain.p_value, kLargestPValue, gain.flat,
                        gain.coordinates),
        &claim);
  return claim;
}

Claim CheckAnisotropicSmoothness(const GeneralizedSmoothness& q) {
  Claim claim{"assumption_5_1",
              "Assumption 5.1's inequality (9) holds along GPT-2's training with "
              "L of random nearby points"};
  const Coverage random = q.HeldOutInequality(PairKind::kRandom);
  const Coverage ascent = q.HeldOutInequality(PairKind::kAscent);
  if (random.points == 0 || ascent.points == 0) {
    SayNothing(q,
               random.points == 0 ? "no held-out pairs"
                                  : "no held-out pairs along ascent",
               &claim);
    return claim;
  }
  Judge(q,
        random.covered == random.points && ascent.covered == ascent.points,
        absl::StrFormat("with lines fitted to the first half of the path, at %d "
                        "of the second half's %d random pairs, left side over "
                        "right side at most %.2f, and at %d of %d along the "
                        "gradient's change, at most %.2f",
                        random.covered, random.points,
                        q.LargestHeldOutRatio(PairKind::kRandom),
                        ascent.covered, ascent.points,
                        q.LargestHeldOutRatio(PairKind::kAscent)),
        &claim);
  return claim;
}

}  // namespace anisograd
