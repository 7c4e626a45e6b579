#include "experiments/logistic/train/training_inputs.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {

absl::StatusOr<TrainingInputs> ReadTrainingInputs(
    const ExperimentSpec& spec, const std::string& spec_path,
    const std::string& dataset_path,
    absl::Span<const std::string> optimum_paths) {
  ASSIGN_OR_RETURN(Dataset dataset, Dataset::Open(dataset_path));
  if (dataset.info().name != spec.dataset()) {
    return absl::InvalidArgumentError(absl::StrCat(
        spec_path, ": dataset: asks for \"", spec.dataset(), "\", but ",
        dataset_path, " holds \"", dataset.info().name, "\""));
  }
  std::vector<OptimumResult> optima;
  for (const std::string& path : optimum_paths) {
    RETURN_IF_ERROR(ReadBinaryProto(path, &optima.emplace_back()));
    if (optima.back().dataset().digest() != dataset.digest()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": dataset.digest: solved on other data"));
    }
  }
  ASSIGN_OR_RETURN(LogisticProblem problem,
                   LogisticProblem::Create(dataset.view(),
                                           spec.logistic().bias_feature()));
  return TrainingInputs{std::move(dataset), std::move(problem),
                        std::move(optima)};
}

}  // namespace anisograd
