#ifndef EXPERIMENTS_LOGISTIC_OPTIMUM_SOLVE_OPTIMUM_H_
#define EXPERIMENTS_LOGISTIC_OPTIMUM_SOLVE_OPTIMUM_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/result.pb.h"
#include "experiments/spec.pb.h"

namespace anisograd {

// Solves for the w* of `spec`, a family's part with exactly one optimum. AdaGrad
// trains by the family's logistic protocol. Leaves dataset and target of the
// result to the caller. `progress` is called with a line to show; may be empty.
//
// The exact solvers, Newton and L-BFGS, get a certificate: DUALITY_GAP, or
// SEPARABLE where the weights classify every row strictly right, or NONE. Whether
// that is enough is said by optimum_quality.h.
//
// InvalidArgument where all rows have one label: then there is no w*.
// FailedPrecondition where gradient descent diverged, or no run of AdaGrad had a
// finite loss.
absl::StatusOr<OptimumResult> SolveOptimum(
    const LogisticProblem& problem, const ExperimentSpec& spec,
    const std::function<void(const std::string&)>& progress);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_OPTIMUM_SOLVE_OPTIMUM_H_
