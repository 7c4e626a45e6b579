#include "analysis/gpt2/upper_envelope.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

constexpr double kFree = std::numeric_limits<double>::infinity();

void ExpectLine(const std::vector<PlanePoint>& points, double max_l1,
                double l0, double l1) {
  const LinearBound bound = FitUpperEnvelope(points, max_l1);
  EXPECT_NEAR(bound.l0, l0, 1e-14);
  EXPECT_NEAR(bound.l1, l1, 1e-14);
  for (const PlanePoint& point : points) EXPECT_TRUE(bound.Covers(point));
}

TEST(UpperEnvelope, PointsOnALineGiveIt) {
  // y = 1/2 + 2 x, in no order.
  ExpectLine({{1, 2.5}, {0, 0.5}, {3, 6.5}, {2, 4.5}}, kFree, 0.5, 2);
}

TEST(UpperEnvelope, AConstantHasNoSlope) {
  ExpectLine({{1, 3}, {5, 3}, {2, 3}}, kFree, 3, 0);
}

// Corners (0, 1), (1, 3), (5, 5): slopes 2 and 1/2.
TEST(UpperEnvelope, TheEdgeOverTheMeanIsBest) {
  const std::vector<PlanePoint> hull = {{0, 1}, {1, 3}, {5, 5}};
  // The mean 2 lies under the second edge.
  ExpectLine(hull, kFree, 2.5, 0.5);
  // Many points near 0 draw the mean, 7/8, under the first.
  std::vector<PlanePoint> points = hull;
  for (int i = 0; i < 5; ++i) points.push_back({0.2, 0.1});
  ExpectLine(points, kFree, 1, 2);
}

TEST(UpperEnvelope, AtACornerTheFlatterEdgeIsTaken) {
  // Mean 1, as the corner (1, 3): every slope in [1/2, 2] is as good.
  ExpectLine({{0, 1}, {1, 3}, {5, 5}, {0, 0}, {0, 0}, {0, 0}}, kFree, 2.5, 0.5);
}

TEST(UpperEnvelope, FallingPointsHaveTheirMaximum) {
  ExpectLine({{0, 4}, {1, 2}, {2, 1}}, kFree, 4, 0);
}

// The line through (1, 1) and (2, 4) would pass the axis at -2.
TEST(UpperEnvelope, ANegativeInterceptBecomesALineThroughTheOrigin) {
  ExpectLine({{1, 1}, {2, 4}}, kFree, 0, 2);
}

TEST(UpperEnvelope, MeanExcess) {
  EXPECT_EQ(MeanExcess({{1, 2}, {2, 1}, {4, 5}}, {1, 1}), (0 + 2 + 0) / 3.0);
}

TEST(UpperEnvelope, TheSlopeIsLimited) {
  const std::vector<PlanePoint> points = {{1, 2.5}, {0, 0.5}, {3, 6.5}};
  ExpectLine(points, 2, 0.5, 2);
  // y - x is largest at x = 3.
  ExpectLine(points, 1, 3.5, 1);
  ExpectLine(points, 0, 6.5, 0);
}

TEST(UpperEnvelope, PointsAboveEachOtherAndSinglePoints) {
  ExpectLine({{2, 3}}, kFree, 3, 0);
  ExpectLine({{2, 3}, {2, 5}, {2, 4}}, kFree, 5, 0);
  ExpectLine({{0, 1}, {0, 0}, {2, 1}, {2, 5}}, kFree, 1, 2);
  ExpectLine({{0, 0}, {0, 0}}, kFree, 0, 0);
}

double MeanExcess(const LinearBound& bound,
                  const std::vector<PlanePoint>& points) {
  double sum = 0.0;
  for (const PlanePoint& point : points) sum += bound.At(point.x) - point.y;
  return sum / static_cast<double>(points.size());
}

// Against the definition: an optimal line passes through two points, or through
// one with the least or the largest slope, or through the origin.
TEST(UpperEnvelope, NoOtherLineIsBetter) {
  for (uint32_t trial = 0; trial < 200; ++trial) {
    RandomStream stream(7, RandomPurpose::kSampling, trial);
    const auto next = [&] {
      return static_cast<double>(stream.NextBelow(1000)) / 256.0;
    };
    std::vector<PlanePoint> points(1 + stream.NextBelow(12));
    for (PlanePoint& point : points) {
      // Some share their x, some are 0.
      point.x = static_cast<double>(stream.NextBelow(8)) / 4.0;
      point.y = next() * point.x + (trial % 2 == 0 ? next() : 0.0);
    }
    const double max_l1 = trial % 3 == 0 ? 2.0 : kFree;
    const LinearBound best = FitUpperEnvelope(points, max_l1);
    EXPECT_GE(best.l0, 0.0);
    EXPECT_GE(best.l1, 0.0);
    EXPECT_LE(best.l1, max_l1);
    for (const PlanePoint& point : points) EXPECT_TRUE(best.Covers(point));

    std::vector<double> slopes = {0.0};
    if (max_l1 < kFree) slopes.push_back(max_l1);
    for (const PlanePoint& a : points) {
      if (a.x > 0.0) slopes.push_back(a.y / a.x);
      for (const PlanePoint& b : points) {
        if (b.x > a.x) slopes.push_back((b.y - a.y) / (b.x - a.x));
      }
    }
    for (const double slope : slopes) {
      if (slope < 0.0 || slope > max_l1) continue;
      LinearBound other{0.0, slope};
      for (const PlanePoint& p : points) {
        other.l0 = std::max(other.l0, p.y - slope * p.x);
      }
      EXPECT_LE(MeanExcess(best, points), MeanExcess(other, points) + 1e-12);
    }
  }
}

TEST(LinearBound, CoversUpToRounding) {
  const LinearBound bound{1.0, 2.0};
  EXPECT_TRUE(bound.Covers({1.0, 3.0}));
  EXPECT_TRUE(bound.Covers({1.0, 3.0 + 1e-15}));
  EXPECT_FALSE(bound.Covers({1.0, 3.0 + 1e-9}));
  EXPECT_TRUE((LinearBound{0.0, 0.0}).Covers({1.0, 0.0}));
  EXPECT_FALSE((LinearBound{0.0, 0.0}).Covers({1.0, 1e-30}));
}

}  // namespace
}  // namespace anisograd
