// Computes a data set's constants, for the problem that a family's spec makes of
// it.
//
//   constants_main --spec=FAMILY.textproto --dataset=F.dataset --out=F.pb

#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "analysis/smoothness.h"
#include "experiments/logistic/problem/dataset_record.h"
#include "experiments/logistic/train/training_inputs.h"
#include "experiments/spec_validation.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, spec, "", "the family, an ExperimentSpec in text form");
ABSL_FLAG(std::string, dataset, "", "the data set in binary form");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::string, out, "", "where to write the ConstantsResult");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Computes a data set's constants.",
    "--spec=FAMILY.textproto --dataset=F.dataset --out=OUT.pb "
    "[--target=LABEL]"};

absl::Status EstimateConstants() {
  const std::string spec = absl::GetFlag(FLAGS_spec);
  ASSIGN_OR_RETURN(const ExperimentSpec family, ReadExperiment(spec));
  ASSIGN_OR_RETURN(
      const TrainingInputs inputs,
      ReadTrainingInputs(family, spec, absl::GetFlag(FLAGS_dataset), {}));
  ConstantsResult result = ComputeConstants(inputs.problem);
  *result.mutable_dataset() = MakeDatasetRecord(inputs.dataset);
  result.set_target(absl::GetFlag(FLAGS_target));
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             SerializeDeterministically(result));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::EstimateConstants);
}
