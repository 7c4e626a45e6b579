#ifndef EXPERIMENTS_LOGISTIC_TRAIN_TRAINING_INPUTS_H_
#define EXPERIMENTS_LOGISTIC_TRAIN_TRAINING_INPUTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/dataset_file.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/result.pb.h"
#include "experiments/spec.pb.h"

namespace anisograd {

// What a program that trains reads beside its spec. Moving keeps the problem's
// rows where they are.
struct TrainingInputs {
  Dataset dataset;
  LogisticProblem problem;
  std::vector<OptimumResult> optima;
};

// Reads the data set that `spec` (from the file `spec_path`) asks for, in
// binary form, and optima that were solved on it. InvalidArgument "FILE: ..." for the
// wrong data set, and for optima of other data.
absl::StatusOr<TrainingInputs> ReadTrainingInputs(
    const ExperimentSpec& spec, const std::string& spec_path,
    const std::string& dataset_path,
    absl::Span<const std::string> optimum_paths);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_TRAIN_TRAINING_INPUTS_H_
