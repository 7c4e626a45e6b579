#ifndef EXPERIMENTS_LOGISTIC_LANES_PATH_DISTANCES_H_
#define EXPERIMENTS_LOGISTIC_LANES_PATH_DISTANCES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/types/span.h"
#include "tools/base/lanes.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// max_t |w_t - w*| over every step of a run, for several w*, at a cost of the
// coordinates that move: where only w_j changes, from u to v,
//
//   |w - w*|_2^2  grows by (v - u) ((v - w*_j) + (u - w*_j)),
//   |w - w*|_inf  can be raised by |v - w*_j| alone.
//
// The square is a sum over all steps; Restart() at epoch ends replaces it by
// one that was computed afresh, so that its error is that of an epoch's steps.
// V is double or lanes of doubles. NaN raises nothing.
template <typename V>
class PathDistances {
 public:
  // Of dimension-many numbers each, which must outlive this.
  explicit PathDistances(absl::Span<const absl::Span<const double>> optima) {
    for (const absl::Span<const double> optimum : optima) {
      paths_.push_back({optimum.data(), V(0.0), V(0.0), V(0.0)});
    }
  }

  // Coordinate j goes from `before` to `after`.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void Move(int64_t j, V before, V after) {
    for (Path& path : paths_) {
      const V optimum(path.optimum[j]);
      const V distance = after - optimum;
      path.square = MulAdd(after - before, distance + (before - optimum),
                           path.square);
      path.largest = Max(Abs(distance), path.largest);
    }
  }

  // After the moves of a step.
  ABSL_ATTRIBUTE_ALWAYS_INLINE void EndStep() {
    for (Path& path : paths_) {
      path.largest_square = Max(path.square, path.largest_square);
    }
  }

  // The squared l2 and the l_inf distance of the current weights to optimum o,
  // computed by the caller. To be called at w_0 first.
  void Restart(size_t o, V square, V largest) {
    Path& path = paths_[o];
    path.square = square;
    path.largest_square = Max(square, path.largest_square);
    path.largest = Max(largest, path.largest);
  }

  // Over the steps so far.
  V LargestL2(size_t o) const { return Sqrt(paths_[o].largest_square); }
  V LargestLinf(size_t o) const { return paths_[o].largest; }
  size_t size() const { return paths_.size(); }

 private:
  struct Path {
    const double* optimum;
    V square;
    V largest_square;
    V largest;
  };
  std::vector<Path> paths_;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_PATH_DISTANCES_H_
