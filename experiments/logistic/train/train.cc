// Runs one table cell.
//
//   train --spec=CELL.textproto --dataset=F.dataset --optima=A.pb,B.pb --out=F
//
// Silent on success; on a terminal it shows its progress.

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "experiments/logistic/problem/dataset_record.h"
#include "experiments/logistic/train/cell.h"
#include "experiments/logistic/train/training_inputs.h"
#include "experiments/result.pb.h"
#include "experiments/spec_validation.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"
#include "tools/base/time_left.h"

ABSL_FLAG(std::string, spec, "", "the cell, an expanded ExperimentSpec");
ABSL_FLAG(std::string, dataset, "", "the data set in binary form");
ABSL_FLAG(std::vector<std::string>, optima, {}, "OptimumResults");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::string, out, "", "where to write the ExperimentResult");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Runs one table cell.",
    "--spec=CELL.textproto --dataset=F.dataset --out=OUT.pb "
    "[--optima=A.pb,B.pb] [--target=LABEL]"};

absl::Status RunTraining() {
  const std::string spec = absl::GetFlag(FLAGS_spec);
  ASSIGN_OR_RETURN(const ExperimentSpec cell, ReadExperiment(spec));
  if (cell.method_size() != 1 || cell.batch_size_size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        spec, ": method, batch_size: a cell has exactly one of each"));
  }
  ASSIGN_OR_RETURN(
      const TrainingInputs inputs,
      ReadTrainingInputs(cell, spec,
                         absl::GetFlag(FLAGS_dataset),
                         absl::GetFlag(FLAGS_optima)));
  ProgressLine line;
  const std::string name =
      absl::StrCat(cell.name(), " ", cell.method(0).name(), " M=",
                   cell.batch_size(0));
  CellProgress progress;
  if (line.visible()) {
    progress = [&, begin = absl::Now()](int done, int total) {
      line.Show(absl::StrFormat(
          "%s: epoch %d of %d%s", name, done, total,
          TimeLeft(absl::ToDoubleSeconds(absl::Now() - begin),
                   static_cast<double>(done) / total)));
    };
  }
  absl::StatusOr<ExperimentResult> result =
      RunCell(inputs.problem, cell, inputs.optima, progress);
  if (!result.ok()) return InFile(result.status(), spec);
  *result->mutable_dataset() = MakeDatasetRecord(inputs.dataset);
  result->set_target(absl::GetFlag(FLAGS_target));
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             SerializeDeterministically(*result));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::RunTraining);
}
