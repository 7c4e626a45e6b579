#ifndef ANALYSIS_PROBLEM_CONSTANTS_H_
#define ANALYSIS_PROBLEM_CONSTANTS_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/claims.h"
#include "analysis/gram.h"
#include "analysis/problem_constants.pb.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/result.pb.h"

namespace anisograd {

// The curvature of one matrix; the top eigenvalue to 1e-6 where that comes cheap.
CurvatureRecord MeasureCurvature(const Gram& gram);

// Everything in ProblemConstants but dataset and target. `optimum` may be null;
// what refers to w* is there where its certificate is DUALITY_GAP. `cells` give
// the path: of each, its selected grid point is trained again with the first seed
// (by TrainGrid, whose bits are the cell's), and looked at where its loss is
// lowest within the first and within the first ten epochs, or as many as there
// are. Cells that selected nothing are left out. InvalidArgument for cells and
// optima of another dimension.
absl::StatusOr<ProblemConstants> ComputeProblemConstants(
    const LogisticProblem& problem, const OptimumResult* optimum,
    absl::Span<const ExperimentResult> cells);

// "We run 10 iterations of power iteration to approximate the largest eigenvalue,
// which quickly converge to desired precisions 1e-5" (Appendix A.1, of large data
// sets): 10 products from the vector of ones are less than 1e-5 off, relatively, on
// data of at least 10,000 features.
Claim CheckTenPowerSteps(absl::Span<const ProblemConstants> datasets);

}  // namespace anisograd

#endif  // ANALYSIS_PROBLEM_CONSTANTS_H_
