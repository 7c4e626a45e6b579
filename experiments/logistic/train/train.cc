// Runs one table cell.
//
//   train --spec=CELL.textproto --dataset=F.dataset --optima=A.pb,B.pb --out=F
//
// Silent on success; on a terminal it shows its progress.

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "experiments/logistic/problem/dataset_record.h"
#include "experiments/logistic/train/cell.h"
#include "experiments/logistic/train/training_inputs.h"
#include "experiments/result.pb.h"
#include "experiments/spec_validation.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, spec, "", "the cell, an expanded ExperimentSpec");
ABSL_FLAG(std::string, dataset, "", "the data set in binary form");
ABSL_FLAG(std::vector<std::string>, optima, {}, "OptimumResults");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::string, out, "", "where to write the ExperimentResult");

namespace anisograd {
namespace {

absl::Status RunTraining() {
  ASSIGN_OR_RETURN(const ExperimentSpec cell,
                   ReadExperiment(absl::GetFlag(FLAGS_spec)));
  ASSIGN_OR_RETURN(
      const TrainingInputs inputs,
      ReadTrainingInputs(cell, absl::GetFlag(FLAGS_spec),
                         absl::GetFlag(FLAGS_dataset),
                         absl::GetFlag(FLAGS_optima)));
  ProgressLine line;
  const std::string name =
      absl::StrCat(cell.name(), " ", cell.method(0).name(), " M=",
                   cell.batch_size(0));
  CellProgress progress;
  if (line.visible()) {
    progress = [&](int done, int total) {
      line.Show(absl::StrFormat("%s: epoch %d of %d (%.0f %%)", name, done,
                                total, 100.0 * done / total));
    };
  }
  ASSIGN_OR_RETURN(ExperimentResult result,
                   RunCell(inputs.problem, cell, inputs.optima, progress));
  *result.mutable_dataset() = MakeDatasetRecord(inputs.dataset);
  result.set_target(absl::GetFlag(FLAGS_target));
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             SerializeDeterministically(result));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return anisograd::ExitCode(anisograd::RunTraining());
}
