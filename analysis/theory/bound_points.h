#ifndef ANALYSIS_THEORY_BOUND_POINTS_H_
#define ANALYSIS_THEORY_BOUND_POINTS_H_

#include <string>

#include "absl/types/span.h"
#include "analysis/theory/theory.pb.h"

namespace anisograd {

// What the theorems bound, as measured, beside the bound: a figure's CSV file with
// one line a cell and step, in the order of `cells`. Of columns
//
//   family      "a9a", and "(stand-in)" after it where it is one
//   method      as figures name it
//   step        "selected", or "largest" of the grid
//   batch_size
//   measured    mean over steps of f(w_t) - f(w*)
//   bound       Theorem 4.1's or D.1's
//
// A step of which the theorem says nothing has no line, and the caption says how
// many there are.
std::string BoundPointsCsv(absl::Span<const CellBounds> cells);

}  // namespace anisograd

#endif  // ANALYSIS_THEORY_BOUND_POINTS_H_
