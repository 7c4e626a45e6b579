#ifndef ANALYSIS_THEORY_CELL_BOUNDS_H_
#define ANALYSIS_THEORY_CELL_BOUNDS_H_

#include "absl/status/statusor.h"
#include "analysis/theory/theory.pb.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/result.pb.h"

namespace anisograd {

// Replays runs of a cell of SGD or AdaGrad, those of the selected grid point and,
// for AdaGrad, of the grid's largest constant step, and sets what they did beside
// the theorems: 4.1, E.1's relaxed form and 4.3 for AdaGrad, D.1 and D.3 for SGD.
//
// `optimum` is the EXACT one, with a certificate: w* must be a minimiser on R^d.
// D is that of the box where the cell projects onto one, else what the runs
// visited. Leaves dataset and target to the caller. InvalidArgument for other
// methods and optima; DataLoss where a grid point has not one run a seed; Internal where
// a replay is not the run that it should be.
//
// Only the cell's first `seeds` seeds are replayed, all where it is 0: what is
// said beside the theorems are means over these.
absl::StatusOr<CellBounds> ComputeCellBounds(const LogisticProblem& problem,
                                             const ExperimentResult& cell,
                                             const OptimumResult& optimum,
                                             int seeds = 0);

}  // namespace anisograd

#endif  // ANALYSIS_THEORY_CELL_BOUNDS_H_
