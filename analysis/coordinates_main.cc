// Writes the plot data of sorted L_j and sigma_j.
//
//   coordinates_main --specs=A.textproto,B.textproto --datasets=A.dataset,B.dataset
//       --out=coordinates.csv

#include <cstddef>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "analysis/coordinates.h"
#include "experiments/logistic/problem/dataset_record.h"
#include "experiments/logistic/train/training_inputs.h"
#include "experiments/spec_validation.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(std::vector<std::string>, specs, {}, "ExperimentSpecs of families");
ABSL_FLAG(std::vector<std::string>, datasets, {}, "their data sets, in order");
ABSL_FLAG(std::string, out, "", "where to write the CSV");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Writes the plot data of sorted L_j and sigma_j.",
    "--specs=A.textproto,B.textproto --datasets=A.dataset,B.dataset "
    "--out=OUT.csv"};

absl::Status WriteCoordinates() {
  const std::vector<std::string> specs = absl::GetFlag(FLAGS_specs);
  const std::vector<std::string> datasets = absl::GetFlag(FLAGS_datasets);
  if (specs.size() != datasets.size()) {
    return absl::InvalidArgumentError("--datasets: want one for each spec");
  }
  std::vector<Coordinates> problems;
  for (size_t i = 0; i < specs.size(); ++i) {
    ASSIGN_OR_RETURN(const ExperimentSpec family, ReadExperiment(specs[i]));
    ASSIGN_OR_RETURN(const TrainingInputs inputs,
                     ReadTrainingInputs(family, specs[i], datasets[i], {}));
    problems.push_back(ComputeCoordinates(inputs.problem));
    problems.back().dataset = MakeDatasetRecord(inputs.dataset);
  }
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             MakeCoordinatesCsv(problems));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::WriteCoordinates);
}
