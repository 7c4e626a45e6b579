#ifndef ANALYSIS_THEORY_LEAST_BOUND_H_
#define ANALYSIS_THEORY_LEAST_BOUND_H_

#include "analysis/theory/adagrad_bound.h"
#include "analysis/theory/theory.pb.h"

namespace anisograd {

// What the theorem of a cell's method says at the constant step that makes its
// bound least, for T steps with the constants of the cell and the distances that
// `run` had, epsilon left out:
//
//   AdaGrad, 4.1   4 |L|_1 D_inf^2 / T + 2 sqrt(2) D_inf |sigma|_1 / sqrt(M T)
//   SGD, D.1       BoundSgd() at BestSgdRate()
//
// By these two the methods are compared as theorems, whatever steps they took.
ConvexBound LeastBound(const CellBounds& cell, const RunBounds& run);

// The runs that the cell's selection picked; null where it picked none.
const RunBounds* SelectedRun(const CellBounds& cell);

}  // namespace anisograd

#endif  // ANALYSIS_THEORY_LEAST_BOUND_H_
