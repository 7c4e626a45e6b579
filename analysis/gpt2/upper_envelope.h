#ifndef ANALYSIS_GPT2_UPPER_ENVELOPE_H_
#define ANALYSIS_GPT2_UPPER_ENVELOPE_H_

#include <vector>

namespace anisograd {

struct PlanePoint {
  double x = 0.0;
  double y = 0.0;
};

// y <= l0 + l1 x.
struct LinearBound {
  double l0 = 0.0;
  double l1 = 0.0;

  double At(double x) const { return l0 + l1 * x; }
  // Whether `point` is on or below the line, up to rounding: by at most 1e-12
  // of the line's height, a few hundred units in the last place.
  bool Covers(const PlanePoint& point) const {
    return point.y <= At(point.x) * (1.0 + 1e-12);
  }
};

// The line above n >= 1 points (x_i, y_i) of the first quadrant that exceeds
// them by the least in the mean:
//
//   minimise (1/n) sum_i (l0 + l1 x_i - y_i)
//   subject to  y_i <= l0 + l1 x_i for all i,  l0 >= 0,  0 <= l1 <= max_l1;
//
// among several such lines the flattest. max_l1 >= 0 may be infinite.
//
// This linear programme in two variables is solved exactly, in O(n log n): the
// objective is l1 mean(x) + l0 but for a constant, so that for a given slope l0
// is the least that covers all points, and the best slope is that of the edge of
// the points' upper hull over mean(x); the objective is convex in the slope, so
// that its bounds only cut that off. Does not depend on the points' order but for
// rounding in mean(x).
LinearBound FitUpperEnvelope(std::vector<PlanePoint> points, double max_l1);

// How far `bound` is above n >= 1 points in the mean: (1/n) sum_i (l0 + l1 x_i -
// y_i).
double MeanExcess(const std::vector<PlanePoint>& points,
                  const LinearBound& bound);

}  // namespace anisograd

#endif  // ANALYSIS_GPT2_UPPER_ENVELOPE_H_
