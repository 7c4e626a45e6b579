#ifndef ANALYSIS_RETRAIN_H_
#define ANALYSIS_RETRAIN_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/result.pb.h"

namespace anisograd {

// Weights, which results do not hold: those of a cell's selected grid point at the
// lowest loss of its first `epochs` epochs. TrainGrid runs it again from `seed`,
// with the bits of the cell's own run where the seed is one of its and the rule
// puts off no steps (PutsStepsOff): else but for last bits, as it is the only run
// now. Empty where no loss was finite. InvalidArgument where the cell selected
// nothing.
absl::StatusOr<std::vector<double>> RetrainSelected(
    const LogisticProblem& problem, const ExperimentResult& cell, uint64_t seed,
    int epochs);

}  // namespace anisograd

#endif  // ANALYSIS_RETRAIN_H_
