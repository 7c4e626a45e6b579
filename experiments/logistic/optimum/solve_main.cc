// Solves for one w*.
//
//   solve_optimum --spec=PART.textproto --dataset=F.dataset --out=F.pb
//
// Silent on success; on a terminal it shows its progress.

#include <functional>
#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/dataset_file.h"
#include "experiments/logistic/optimum/solve_optimum.h"
#include "experiments/logistic/problem/dataset_record.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/result.pb.h"
#include "experiments/spec_validation.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, spec, "", "a family's part with one optimum");
ABSL_FLAG(std::string, dataset, "", "the data set in binary form");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::string, out, "", "where to write the OptimumResult");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Solves for one w*.",
    "--spec=PART.textproto --dataset=F.dataset --out=OUT.pb [--target=LABEL]"};

absl::Status Solve() {
  ASSIGN_OR_RETURN(const ExperimentSpec spec,
                   ReadExperiment(absl::GetFlag(FLAGS_spec)));
  ASSIGN_OR_RETURN(const Dataset dataset,
                   Dataset::Open(absl::GetFlag(FLAGS_dataset)));
  ASSIGN_OR_RETURN(const LogisticProblem problem,
                   LogisticProblem::Create(dataset.view(),
                                           spec.logistic().bias_feature()));
  ProgressLine line;
  std::function<void(const std::string&)> progress;
  if (line.visible()) {
    progress = [&](const std::string& text) {
      line.Show(absl::StrCat(spec.name(), " optimum: ", text));
    };
  }
  absl::StatusOr<OptimumResult> result = SolveOptimum(problem, spec, progress);
  if (!result.ok()) return InFile(result.status(), absl::GetFlag(FLAGS_spec));
  *result->mutable_dataset() = MakeDatasetRecord(dataset);
  result->set_target(absl::GetFlag(FLAGS_target));
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             SerializeDeterministically(*result));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Solve);
}
