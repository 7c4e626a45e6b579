#ifndef ANALYSIS_THEORY_LEAST_BOUND_H_
#define ANALYSIS_THEORY_LEAST_BOUND_H_

#include <optional>

#include "analysis/theory/adagrad_bound.h"
#include "analysis/theory/theory.pb.h"

namespace anisograd {

// What the theorem of a cell's method says at the constant step that makes its
// bound least, for T steps with the constants of the cell and the distances that
// `run` had, epsilon left out:
//
//   AdaGrad, 4.1   4 |L|_1 D_inf^2 / T + 2 sqrt(2) D_inf |sigma|_1 / sqrt(M T)
//   SGD, D.1       |w_0 - w*|^2 / (2 eta T) + eta |sigma|_2^2 / (2 M) at
//                  eta = BestSgdRate()
//
// At a given step of SGD its two terms are no parts to be compared with AdaGrad's:
// the best step makes them equal wherever noise limits it.
ConvexBound LeastBound(const CellBounds& cell, const RunBounds& run);

// The runs that the cell's selection picked; null where it picked none.
const RunBounds* SelectedRun(const CellBounds& cell);

// AdaGrad's over SGD's, at one batch size: the least bounds, f - f(w*) as the
// selection has it, and the means of f(w_t) - f(w*) along the paths. By the bounds
// the methods are compared as theorems, whatever steps they took. nullopt where a cell
// is null or picked none.
struct MethodRatios {
  double bound = 0.0, selected = 0.0, mean = 0.0;
};
std::optional<MethodRatios> CompareBounds(const CellBounds* sgd,
                                           const CellBounds* adagrad);

}  // namespace anisograd

#endif  // ANALYSIS_THEORY_LEAST_BOUND_H_
