#include "analysis/gpt2/generalized_smoothness.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "experiments/gpt2/smoothness/made_up_smoothness.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using Vector = std::vector<double>;

constexpr PairKind kRandom = PairKind::kRandom;
constexpr PairKind kAscent = PairKind::kAscent;

GeneralizedSmoothness Compute(const Gpt2SmoothnessResult& result) {
  absl::StatusOr<GeneralizedSmoothness> q = ComputeGeneralizedSmoothness(result);
  EXPECT_TRUE(q.ok()) << q.status();
  return *std::move(q);
}

// f(w) = w'Hw / 2 with H = diag(2, 1/2): y is the curvature, everywhere.
Gpt2SmoothnessResult Diagonal(int ascent_points = 0) {
  return MadeUpSmoothness(
      {"wte.weight", "wpe.weight"}, [](int t) { return Vector{t - 20.0, 1.0}; },
      [](const Vector& w) { return Vector{2 * w[0], 0.5 * w[1]}; },
      ascent_points);
}

TEST(GeneralizedSmoothness, AQuadraticHasItsCurvature) {
  const GeneralizedSmoothness q = Compute(Diagonal());
  EXPECT_EQ(q.target, "//:tiny");
  // The farthest pair is 1/4 apart in every coordinate.
  EXPECT_EQ(q.max_l1, 4.0);
  ASSERT_EQ(q.coordinates.size(), 4u);
  for (int j = 0; j < 4; ++j) {
    const CoordinateSmoothness& c = q.coordinates[j];
    const double curvature = j % 2 == 0 ? 2.0 : 0.5;
    ASSERT_EQ(c.points.size(), 40u);
    for (const SmoothnessPoint& point : c.points) {
      EXPECT_EQ(point.at.y, curvature);
      EXPECT_EQ(point.held_out, point.iteration >= 20);
      EXPECT_EQ(point.probe, point.iteration / 2);
    }
    for (const LinearBound& bound : {c.bound, c.half_bound}) {
      EXPECT_EQ(bound.l0, curvature);
      EXPECT_EQ(bound.l1, 0.0);
    }
    EXPECT_EQ(c.mean_excess, 0.0);
    EXPECT_EQ(c.held_out.points, 20);
    EXPECT_EQ(c.held_out.covered, 20);
  }
  // x = |2 (t - 20)|.
  EXPECT_EQ(q.coordinates[0].points[0].at.x, 40.0);
  EXPECT_EQ(q.coordinates[0].points[1].radius, 0.125);
  // With L = diag(H) both sides of (9) are equal.
  ASSERT_EQ(q.inequality.size(), 40u);
  for (const InequalityCheck& check : q.inequality) {
    EXPECT_DOUBLE_EQ(check.ratio, 1.0);
    EXPECT_EQ(check.distance, 0.0);
    EXPECT_EQ(check.held_out_ratio.has_value(), check.iteration >= 20);
  }
  EXPECT_EQ(q.Inequality(kRandom).points, 40);
  EXPECT_EQ(q.Inequality(kRandom).covered, 40);
  EXPECT_EQ(q.Inequality(kAscent).points, 0);
}

// H = [2 1; 1 4]. With z = (1, 1), H z = (3, 5); with z = (1, -1), (1, -3): so
// L0 = (3, 5), and the sides of (9) are as sqrt(9/3 + 25/5) = sqrt(3 + 5) in the
// first case, as sqrt(1/3 + 9/5) to sqrt(8) in the second.
TEST(GeneralizedSmoothness, CoupledCoordinates) {
  const GeneralizedSmoothness q = Compute(MadeUpSmoothness(
      {"wte.weight", "wpe.weight"},
      [](int t) { return Vector{t - 20.0, 20.0 - t}; },
      [](const Vector& w) {
        return Vector{2 * w[0] + w[1], w[0] + 4 * w[1]};
      }));
  for (int j = 0; j < 4; ++j) {
    EXPECT_EQ(q.coordinates[j].bound.l0, j % 2 == 0 ? 3.0 : 5.0);
    EXPECT_EQ(q.coordinates[j].bound.l1, 0.0);
    EXPECT_EQ(q.coordinates[j].constant_mean_excess,
              q.coordinates[j].mean_excess);
  }
  int same = 0;
  for (const InequalityCheck& check : q.inequality) {
    if (check.ratio > 0.9) {
      EXPECT_DOUBLE_EQ(check.ratio, 1.0);
      ++same;
    } else {
      EXPECT_DOUBLE_EQ(check.ratio, std::sqrt((1.0 / 3 + 9.0 / 5) / 8));
    }
  }
  EXPECT_EQ(same, 20);
  EXPECT_DOUBLE_EQ(q.LargestHeldOutRatio(kRandom), 1.0);
  EXPECT_EQ(q.HeldOutInequality(kRandom).points, 20);
  EXPECT_EQ(q.HeldOutInequality(kRandom).covered, 20);
}

// f(w) = w'Hw / 2 with H = I + 2 vv', v = (1, 1, -1, 0). At the made-up signs z =
// (a, b, a, b), v'z = b: Hz is (3, 3, -1, 1) b or (-1, 3, 3, 1) b, so L = (3, 3, 3,
// 1), and (9) holds. Its signs z' have v'z' = 3 b: Hz' = (7, 7, -7, 1) b, and the
// sides of (9) are as sqrt(50) and sqrt(10).
Gpt2SmoothnessResult SteeperAlongAscent(int ascent_points) {
  return MadeUpSmoothness(
      {"wte.weight", "wpe.weight", "h.0.ln_1.weight", "h.0.mlp.c_fc.weight"},
      [](int) { return Vector{20.0, 20.0, 20.0, 20.0}; },
      [](const Vector& w) {
        const double along = w[0] + w[1] - w[2];
        return Vector{w[0] + 2 * along, w[1] + 2 * along, w[2] - 2 * along, w[3]};
      },
      ascent_points);
}

TEST(GeneralizedSmoothness, RandomPairsPassWhereThoseAlongAscentFail) {
  const GeneralizedSmoothness q = Compute(SteeperAlongAscent(2));
  EXPECT_EQ(q.HeldOutInequality(kRandom).points, 20);
  EXPECT_EQ(q.HeldOutInequality(kRandom).covered, 20);
  EXPECT_LT(q.LargestHeldOutRatio(kRandom), 0.9);
  EXPECT_EQ(q.HeldOutInequality(kAscent).points, 20);
  EXPECT_EQ(q.HeldOutInequality(kAscent).covered, 0);
  EXPECT_DOUBLE_EQ(q.LargestHeldOutRatio(kAscent), std::sqrt(5.0));
  EXPECT_EQ(q.Inequality(kAscent).covered, 0);
  const Claim claim = CheckAnisotropicSmoothness(q);
  EXPECT_EQ(claim.verdict, Claim::Verdict::kFails);
  EXPECT_TRUE(absl::StrContains(
      claim.evidence,
      "at 20 of the second half's 20 random pairs, left side over right side at "
      "most 0.86, and at 0 of 20 along the gradient's change, at most 2.24"))
      << claim.evidence;
}

TEST(GeneralizedSmoothness, RandomPairsAloneDoNotJudge) {
  const Claim claim =
      CheckAnisotropicSmoothness(Compute(SteeperAlongAscent(0)));
  EXPECT_EQ(claim.verdict, Claim::Verdict::kNotTested);
  EXPECT_EQ(claim.apart, "no held-out pairs along ascent");
}

// Points along ascent change nothing but (9).
TEST(GeneralizedSmoothness, LinesDoNotSeePairsAlongAscent) {
  const GeneralizedSmoothness with = Compute(SteeperAlongAscent(2));
  const GeneralizedSmoothness without = Compute(SteeperAlongAscent(0));
  ASSERT_EQ(with.coordinates.size(), without.coordinates.size());
  for (size_t j = 0; j < with.coordinates.size(); ++j) {
    const CoordinateSmoothness& a = with.coordinates[j];
    const CoordinateSmoothness& b = without.coordinates[j];
    EXPECT_EQ(a.points.size(), b.points.size());
    EXPECT_EQ(a.without_displacement, b.without_displacement);
    EXPECT_EQ(a.bound.l0, b.bound.l0);
    EXPECT_EQ(a.bound.l1, b.bound.l1);
    EXPECT_EQ(a.half_bound.l0, b.half_bound.l0);
    EXPECT_EQ(a.held_out.covered, b.held_out.covered);
  }
  EXPECT_EQ(with.gain.excess, without.gain.excess);
  EXPECT_EQ(with.gain.p_value, without.gain.p_value);
  EXPECT_EQ(CheckLinearBound(with).evidence, CheckLinearBound(without).evidence);
}

// f' = (a/b) (exp(b w) - 1), so that f'' = a + b f'. Towards larger w,
//   (f'(w + r) - f'(w)) / r = (a + b f'(w)) k,  k = (exp(b r) - 1) / (b r),
// and towards smaller less: L0 = a k and L1 = b k with the larger r = 1/4.
Gpt2SmoothnessResult Exponential(double a, double b) {
  return MadeUpSmoothness(
      {"h.1.mlp.c_fc.weight"}, [](int t) { return Vector{0.1 * t}; },
      [=](const Vector& w) { return Vector{a / b * std::expm1(b * w[0])}; });
}

TEST(GeneralizedSmoothness, AnExponentialHasItsL0AndL1) {
  const GeneralizedSmoothness q = Compute(Exponential(0.5, 1.0));
  const double k = std::expm1(0.25) / 0.25;
  for (const CoordinateSmoothness& c : q.coordinates) {
    EXPECT_NEAR(c.bound.l0, 0.5 * k, 1e-4);
    EXPECT_NEAR(c.bound.l1, k, 1e-5);
    EXPECT_NEAR(c.half_bound.l0, 0.5 * k, 1e-4);
    EXPECT_NEAR(c.half_bound.l1, k, 1e-5);
    // A constant bound is far above small gradients.
    EXPECT_LT(c.mean_excess, 0.2 * c.constant_mean_excess);
    for (const SmoothnessPoint& point : c.points) {
      EXPECT_TRUE(c.bound.Covers(point.at));
    }
  }
  for (const InequalityCheck& check : q.inequality) {
    EXPECT_NEAR(check.distance, check.radius * k, 1e-5);
  }
}

// b k = 8 (e^2 - 1) / 2 = 25.6, but pairs 1/4 apart ask for L1 <= 4.
TEST(GeneralizedSmoothness, L1IsLimitedToWhereThePairsAreNearEnough) {
  const GeneralizedSmoothness q = Compute(Exponential(0.5, 8.0));
  for (const CoordinateSmoothness& c : q.coordinates) {
    EXPECT_EQ(c.bound.l1, 4.0);
    for (const SmoothnessPoint& point : c.points) {
      EXPECT_TRUE(c.bound.Covers(point.at));
    }
  }
  for (const InequalityCheck& check : q.inequality) {
    EXPECT_EQ(check.distance, 4 * check.radius);
  }
  EXPECT_EQ(q.Inequality(kRandom).points, 40);
  EXPECT_EQ(q.Inequality(kRandom).covered, 40);
}

TEST(GeneralizedSmoothness, CoordinatesWithoutGradient) {
  const GeneralizedSmoothness q = Compute(MadeUpSmoothness(
      {"wte.weight"}, [](int t) { return Vector{0.1 * t}; },
      [](const Vector&) { return Vector{0.0}; }));
  EXPECT_EQ(q.coordinates[0].bound.l0, 0.0);
  EXPECT_EQ(q.coordinates[0].bound.l1, 0.0);
  EXPECT_EQ(q.coordinates[0].held_out.covered, 20);
  for (const InequalityCheck& check : q.inequality) EXPECT_EQ(check.ratio, 0.0);
  EXPECT_EQ(q.Inequality(kRandom).covered, 40);
}

// L is 0 in the path's first half, and the gradient changes in the second.
TEST(GeneralizedSmoothness, AChangeWhereLIsZeroBreaksTheInequality) {
  Gpt2SmoothnessResult result = MadeUpSmoothness(
      {"wte.weight"}, [](int t) { return Vector{0.1 * t}; },
      [](const Vector&) { return Vector{0.0}; });
  result.mutable_probe(13)->mutable_nearby(0)->set_gradient(1, 1.0f);
  const GeneralizedSmoothness q = Compute(result);
  EXPECT_EQ(q.HeldOutInequality(kRandom).points, 20);
  EXPECT_EQ(q.HeldOutInequality(kRandom).covered, 19);
  EXPECT_EQ(q.LargestHeldOutRatio(kRandom), std::numeric_limits<double>::infinity());
  EXPECT_EQ(q.Inequality(kRandom).covered, 40);
}

TEST(GeneralizedSmoothness, PairsThatDidNotMoveHaveNoPoint) {
  Gpt2SmoothnessResult result = Diagonal();
  // As by a radius below the parameter's precision: the stratified copy at one
  // pair, the uniform one at another.
  result.mutable_probe(0)->mutable_nearby(0)->set_displacement(0, 0.0f);
  NearbyPoint* const nearby = result.mutable_probe(1)->mutable_nearby(1);
  nearby->set_displacement(2, 0.0f);
  const GeneralizedSmoothness q = Compute(result);
  EXPECT_EQ(q.coordinates[0].without_displacement, 1);
  EXPECT_EQ(q.coordinates[0].points.size(), 39u);
  EXPECT_EQ(q.coordinates[2].without_displacement, 1);
  EXPECT_EQ(q.coordinates[2].bound.l0, 2.0);
  // (9) has the change of the gradient on the left and nothing on the right:
  // with r = 1/8, (1/4)^2 / 2 + (1/16)^2 / (1/2) to (1/8)^2 / 2.
  EXPECT_DOUBLE_EQ(q.inequality[3].ratio, std::sqrt(5.0));
  EXPECT_EQ(q.Inequality(kRandom).covered, 39);
}

// What the lines of the path's first half do not foresee.
Gpt2SmoothnessResult Surprising() {
  Gpt2SmoothnessResult result = Diagonal(1);
  for (int i = result.probe_size() / 2; i < result.probe_size(); ++i) {
    for (NearbyPoint& nearby : *result.mutable_probe(i)->mutable_nearby()) {
      for (int j = 0; j < 4; ++j) {
        nearby.set_gradient(j, nearby.gradient(j) + 8.0f);
      }
    }
  }
  return result;
}

TEST(GeneralizedSmoothness, HeldOutPointsTellALineThatHoldsFromOneThatFits) {
  const GeneralizedSmoothness good = Compute(Diagonal(1));
  EXPECT_EQ(good.HeldOut(ProbedCoordinate::STRATIFIED).share(), 1.0);
  EXPECT_EQ(CheckLinearBound(good).verdict, Claim::Verdict::kHolds);
  EXPECT_EQ(CheckAnisotropicSmoothness(good).verdict, Claim::Verdict::kHolds);

  const GeneralizedSmoothness bad = Compute(Surprising());
  EXPECT_EQ(bad.HeldOut(ProbedCoordinate::STRATIFIED).points, 40);
  EXPECT_EQ(bad.HeldOut(ProbedCoordinate::STRATIFIED).covered, 0);
  EXPECT_EQ(bad.HeldOut(ProbedCoordinate::UNIFORM).covered, 0);
  EXPECT_EQ(bad.LeastHeldOutShare(ProbedCoordinate::UNIFORM), 0.0);
  EXPECT_EQ(CheckLinearBound(bad).verdict, Claim::Verdict::kFails);
  EXPECT_EQ(bad.HeldOutInequality(kRandom).covered, 0);
  EXPECT_GT(bad.LargestHeldOutRatio(kRandom), 2.0);
  EXPECT_EQ(CheckAnisotropicSmoothness(bad).verdict, Claim::Verdict::kFails);
  // Lines through all points cover them all the same.
  for (const CoordinateSmoothness& c : bad.coordinates) {
    for (const SmoothnessPoint& point : c.points) {
      EXPECT_TRUE(c.bound.Covers(point.at));
    }
  }
  EXPECT_EQ(bad.Inequality(kRandom).covered, 40);
}

// Curvature that grows along the path while the gradient does not: a line of
// every other probe would cover the rest, as all points look alike.
TEST(GeneralizedSmoothness, ALineMustForeseeThePath) {
  Gpt2SmoothnessResult result = Diagonal();
  for (int i = 0; i < result.probe_size(); ++i) {
    for (NearbyPoint& nearby : *result.mutable_probe(i)->mutable_nearby()) {
      for (int j = 0; j < 4; ++j) {
        nearby.set_gradient(j, result.probe(i).gradient(j) -
                                   static_cast<float>(i + 1) *
                                       nearby.displacement(j));
      }
    }
    for (int j = 0; j < 4; ++j) {
      const float shift = 100.0f - result.probe(i).gradient(j);
      result.mutable_probe(i)->set_gradient(j, 100.0f);
      for (NearbyPoint& nearby : *result.mutable_probe(i)->mutable_nearby()) {
        nearby.set_gradient(j, nearby.gradient(j) + shift);
      }
    }
  }
  const GeneralizedSmoothness q = Compute(result);
  EXPECT_EQ(q.HeldOut(ProbedCoordinate::STRATIFIED).covered, 0);
  EXPECT_EQ(CheckLinearBound(q).verdict, Claim::Verdict::kFails);
}

TEST(GeneralizedSmoothness, PermutedGradientsTellASlopeFromNone) {
  // f'' = a + b f': nothing but the gradient matters.
  const GeneralizedSmoothness good = Compute(Exponential(0.5, 1.0));
  EXPECT_EQ(good.gain.coordinates, 1);
  EXPECT_EQ(good.gain.flat, 0);
  EXPECT_LT(good.gain.excess, 0.2);
  EXPECT_GT(good.gain.least_permuted, good.gain.excess);
  EXPECT_EQ(good.gain.p_value, 1.0 / 200);
  EXPECT_EQ(CheckGradientExplainsSmoothness(good).verdict,
            Claim::Verdict::kHolds);
  // Constant curvature: lines and constants are equal.
  const GeneralizedSmoothness flat = Compute(Diagonal());
  EXPECT_EQ(flat.gain.excess, 1.0);
  EXPECT_EQ(flat.gain.p_value, 1.0);
  EXPECT_EQ(CheckGradientExplainsSmoothness(flat).verdict,
            Claim::Verdict::kFails);
  // Curvature that has nothing to do with the gradient: the line, which is free
  // to tilt, exceeds the points by less than the constant even so, and only the
  // permutations tell.
  Gpt2SmoothnessResult noise = Exponential(0.5, 1.0);
  for (int i = 0; i < noise.probe_size(); ++i) {
    const float curvature = 1.0f + static_cast<float>((13 * i + 5) % 20);
    for (NearbyPoint& nearby : *noise.mutable_probe(i)->mutable_nearby()) {
      for (int j = 0; j < nearby.gradient_size(); ++j) {
        nearby.set_gradient(j, noise.probe(i).gradient(j) -
                                   curvature * nearby.displacement(j));
      }
    }
  }
  const GeneralizedSmoothness unrelated = Compute(noise);
  EXPECT_LT(unrelated.gain.excess, 1.0);
  EXPECT_GT(unrelated.gain.p_value, 0.05);
  EXPECT_EQ(CheckGradientExplainsSmoothness(unrelated).verdict,
            Claim::Verdict::kFails);
}

TEST(GeneralizedSmoothness, OneBadDimensionIsEnough) {
  Gpt2SmoothnessResult result = Diagonal();
  // The first stratified coordinate, at 6 of 20 held-out points.
  for (const int i : {11, 13, 15}) {
    for (NearbyPoint& nearby : *result.mutable_probe(i)->mutable_nearby()) {
      nearby.set_gradient(0, nearby.gradient(0) + 8.0f);
    }
  }
  const GeneralizedSmoothness q = Compute(result);
  EXPECT_EQ(q.LeastHeldOutShare(ProbedCoordinate::STRATIFIED), 0.7);
  EXPECT_EQ(q.LeastHeldOutShare(ProbedCoordinate::UNIFORM), 1.0);
  EXPECT_EQ(CheckLinearBound(q).verdict, Claim::Verdict::kFails);
}

TEST(GeneralizedSmoothness, ReducedRunsTestNothing) {
  Gpt2SmoothnessResult result = Diagonal(1);
  result.mutable_spec()->set_reduced("small model");
  result.set_source_revision("abc");
  const GeneralizedSmoothness q = Compute(result);
  EXPECT_EQ(q.scale_note, "small model");
  EXPECT_EQ(q.recorded_note, "recorded on CPU (x86-64-v3)");
  for (const Claim& claim :
       {CheckLinearBound(q), CheckAnisotropicSmoothness(q)}) {
    EXPECT_EQ(claim.verdict, Claim::Verdict::kNotTested);
    EXPECT_EQ(claim.evidence, "");
    EXPECT_TRUE(absl::StartsWith(claim.apart, "at reduced scale: holds: "));
  }
  EXPECT_TRUE(absl::StrContains(CheckLinearBound(q).apart,
                                "cover 100.0 % of the second half's 40 points"));
  EXPECT_TRUE(absl::StrContains(CheckAnisotropicSmoothness(q).apart,
                                "at 20 of the second half's 20 random pairs"));
  // A quadratic has nothing for the gradient to explain.
  EXPECT_TRUE(absl::StartsWith(CheckGradientExplainsSmoothness(q).apart,
                               "at reduced scale: fails: "));
}

TEST(GeneralizedSmoothness, AStandInStartIsSaidAndTestsNothing) {
  Gpt2SmoothnessResult result = Diagonal(1);
  result.mutable_start()->set_note("GPT-2's official weights");
  EXPECT_EQ(Compute(result).start_note, "start: GPT-2's official weights");
  EXPECT_EQ(Compute(result).scale_note, "");
  result.mutable_start()->set_stand_in(true);
  result.mutable_start()->set_note("pre-trained for 7 steps");
  const GeneralizedSmoothness q = Compute(result);
  EXPECT_EQ(q.start_note, "");
  EXPECT_EQ(q.scale_note, "pre-trained for 7 steps");
  for (const Claim& claim :
       {CheckLinearBound(q), CheckAnisotropicSmoothness(q)}) {
    EXPECT_EQ(claim.verdict, Claim::Verdict::kNotTested);
    EXPECT_TRUE(absl::StartsWith(claim.apart, "with a stand-in"));
  }
}

TEST(GeneralizedSmoothness, ExplodedRunsGiveWhatTheyHave) {
  Gpt2SmoothnessResult result = Diagonal();
  result.set_outcome(Run::EXPLODED);
  result.set_explosion_step(3);
  result.set_explosion_reason("loss at w is not finite");
  result.mutable_loss()->Truncate(4);
  result.mutable_probe()->DeleteSubrange(2, 18);
  const GeneralizedSmoothness some = Compute(result);
  EXPECT_EQ(some.coordinates[0].points.size(), 4u);
  EXPECT_EQ(some.coordinates[0].bound.l0, 2.0);
  EXPECT_EQ(CheckLinearBound(some).verdict, Claim::Verdict::kNotTested);
  EXPECT_TRUE(absl::StartsWith(
      CheckLinearBound(some).apart,
      "exploded at step 3: loss at w is not finite; lines"));

  result.set_explosion_step(0);
  result.mutable_loss()->Truncate(1);
  result.clear_probe();
  const GeneralizedSmoothness none = Compute(result);
  EXPECT_TRUE(none.coordinates[0].points.empty());
  EXPECT_TRUE(none.inequality.empty());
  EXPECT_EQ(none.max_l1, std::numeric_limits<double>::infinity());
  for (const Claim& claim :
       {CheckLinearBound(none), CheckAnisotropicSmoothness(none),
        CheckGradientExplainsSmoothness(none)}) {
    EXPECT_EQ(claim.verdict, Claim::Verdict::kNotTested);
    EXPECT_TRUE(absl::StrContains(claim.apart, "exploded at step 0"));
    EXPECT_TRUE(absl::StrContains(claim.apart, "; no "));
  }
}

TEST(GeneralizedSmoothness, ErrorsNameTargetAndField) {
  Gpt2SmoothnessResult result = Diagonal();
  result.mutable_probe(4)->mutable_gradient()->RemoveLast();
  const absl::Status status = ComputeGeneralizedSmoothness(result).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "//:tiny: probe[4].gradient: has 3 elements, not 4");
}

}  // namespace
}  // namespace anisograd
