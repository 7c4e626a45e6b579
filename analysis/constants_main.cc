// Computes a data set's constants.
//
//   constants_main --dataset=F.dataset --bias_feature --out=F.pb

#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "analysis/smoothness.h"
#include "data/dataset_file.h"
#include "experiments/logistic/dataset_record.h"
#include "experiments/logistic/problem.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, dataset, "", "the data set in binary form");
ABSL_FLAG(bool, bias_feature, true, "with the constant feature 1");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::string, out, "", "where to write the ConstantsResult");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Computes a data set's constants.",
    "--dataset=F.dataset --out=OUT.pb [--bias_feature=true] [--target=LABEL]"};

absl::Status EstimateConstants() {
  ASSIGN_OR_RETURN(const Dataset dataset,
                   Dataset::Open(absl::GetFlag(FLAGS_dataset)));
  ASSIGN_OR_RETURN(
      const LogisticProblem problem,
      LogisticProblem::Create(dataset.view(),
                              absl::GetFlag(FLAGS_bias_feature)));
  ConstantsResult result = ComputeConstants(problem);
  *result.mutable_dataset() = MakeDatasetRecord(dataset);
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
