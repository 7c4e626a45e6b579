#include "analysis/gpt2/upper_envelope.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace anisograd {
namespace {

// Twice the area of the triangle a, b, c; negative where they turn right.
double Turn(const PlanePoint& a, const PlanePoint& b, const PlanePoint& c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

// Corners of the upper hull of sorted points, from left to right, x strictly
// increasing, slopes strictly decreasing.
std::vector<PlanePoint> UpperHull(const std::vector<PlanePoint>& sorted) {
  std::vector<PlanePoint> hull;
  for (const PlanePoint& point : sorted) {
    // Of points above each other the last is the highest.
    if (!hull.empty() && hull.back().x == point.x) hull.pop_back();
    while (hull.size() >= 2 &&
           Turn(hull[hull.size() - 2], hull.back(), point) >= 0.0) {
      hull.pop_back();
    }
    hull.push_back(point);
  }
  return hull;
}

}  // namespace

LinearBound FitUpperEnvelope(std::vector<PlanePoint> points, double max_l1) {
  if (points.empty() || !(max_l1 >= 0.0)) std::abort();
  std::sort(points.begin(), points.end(),
            [](const PlanePoint& a, const PlanePoint& b) {
              return a.x < b.x || (a.x == b.x && a.y < b.y);
            });
  double mean = 0.0;
  for (const PlanePoint& point : points) mean += point.x;
  mean /= static_cast<double>(points.size());

  const std::vector<PlanePoint> hull = UpperHull(points);
  double slope = 0.0;
  if (hull.size() > 1) {
    // The edge that begins at or before the mean and ends after it: at a corner,
    // the flatter of the two.
    size_t end = 1;
    while (end + 1 < hull.size() && hull[end].x <= mean) ++end;
    slope = (hull[end].y - hull[end - 1].y) / (hull[end].x - hull[end - 1].x);
  }
  // Over all points: rounding may have left some a little above the hull.
  LinearBound bound;
  bound.l1 = std::clamp(slope, 0.0, max_l1);
  bound.l0 = points[0].y - bound.l1 * points[0].x;
  for (const PlanePoint& point : points) {
    bound.l0 = std::max(bound.l0, point.y - bound.l1 * point.x);
  }
  if (bound.l0 < 0.0) {
    // The flattest line through the origin. No x is 0: l0 would be at least the
    // point's y.
    bound = {0.0, 0.0};
    for (const PlanePoint& point : points) {
      bound.l1 = std::max(bound.l1, point.y / point.x);
    }
  }
  return bound;
}

double MeanExcess(const std::vector<PlanePoint>& points,
                  const LinearBound& bound) {
  double sum = 0.0;
  for (const PlanePoint& point : points) sum += bound.At(point.x) - point.y;
  return sum / static_cast<double>(points.size());
}

}  // namespace anisograd
