// Sets the runs of one table cell beside the theorems.
//
//   cell_bounds_main --result=CELL.pb --dataset=F.dataset
//       --optimum=EXACT.pb --out=F.pb

#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "analysis/theory/cell_bounds.h"
#include "experiments/logistic/problem/dataset_record.h"
#include "experiments/logistic/train/training_inputs.h"
#include "experiments/result.pb.h"
#include "experiments/result_file.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, result, "", "the cell's ExperimentResult");
ABSL_FLAG(std::string, dataset, "", "the data set in binary form");
ABSL_FLAG(std::string, optimum, "", "the EXACT OptimumResult");
ABSL_FLAG(int, seeds, 0, "how many of the cell's are replayed; 0: all");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::string, out, "", "where to write the CellBounds");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Sets the runs of one table cell beside the theorems.",
    "--result=CELL.pb --dataset=F.dataset --optimum=EXACT.pb --out=OUT.pb "
    "[--seeds=N] [--target=LABEL]"};

absl::Status SetBeside() {
  if (absl::GetFlag(FLAGS_seeds) < 0) {
    return absl::InvalidArgumentError("--seeds: must not be negative");
  }
  const std::string path = absl::GetFlag(FLAGS_result);
  ASSIGN_OR_RETURN(ExperimentResult cell, ReadResult(path));
  ASSIGN_OR_RETURN(
      const TrainingInputs inputs,
      ReadTrainingInputs(cell.spec(), path, absl::GetFlag(FLAGS_dataset),
                         {absl::GetFlag(FLAGS_optimum)}));
  absl::StatusOr<CellBounds> bounds =
      ComputeCellBounds(inputs.problem, cell, inputs.optima[0],
                        absl::GetFlag(FLAGS_seeds));
  if (!bounds.ok()) return InFile(bounds.status(), path);
  *bounds->mutable_dataset() = MakeDatasetRecord(inputs.dataset);
  bounds->set_target(absl::GetFlag(FLAGS_target));
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             SerializeDeterministically(*bounds));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::SetBeside);
}
