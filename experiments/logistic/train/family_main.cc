#include "experiments/logistic/train/family_main.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "experiments/logistic/problem/dataset_record.h"
#include "experiments/logistic/train/training_inputs.h"
#include "experiments/result.pb.h"
#include "experiments/spec_validation.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"
#include "tools/base/time_left.h"

ABSL_FLAG(std::string, spec, "", "the family, an ExperimentSpec in text form");
ABSL_FLAG(std::string, dataset, "", "the data set in binary form");
ABSL_FLAG(std::vector<std::string>, optima, {}, "OptimumResults");
ABSL_FLAG(std::vector<std::string>, methods, {}, "some of the spec's");
ABSL_FLAG(std::vector<std::string>, batch_sizes, {}, "some of the spec's");
ABSL_FLAG(std::string, target_prefix, "",
          "what with a cell's name behind it is the target that its result "
          "records, instead of the program's");
ABSL_FLAG(std::string, out_dir, "", "where to write the ExperimentResults");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Runs all cells of a family.",
    "--spec=FAMILY.textproto --dataset=F.dataset --out_dir=OUT_DIR "
    "[--optima=A.pb,B.pb] [--methods=A,B] [--batch_sizes=A,B] "
    "[--target_prefix=//PACKAGE:]"};

// `spec`: the family's file, for errors.
absl::StatusOr<std::vector<ExperimentSpec>> ExpandCells(
    const ExperimentSpec& family, const std::string& spec) {
  std::vector<std::string> methods = absl::GetFlag(FLAGS_methods);
  if (methods.empty()) {
    for (const Method& method : family.method()) {
      methods.push_back(method.name());
    }
  }
  std::vector<int64_t> batch_sizes;
  for (const std::string& text : absl::GetFlag(FLAGS_batch_sizes)) {
    if (!absl::SimpleAtoi(text, &batch_sizes.emplace_back())) {
      return absl::InvalidArgumentError(
          absl::StrCat("--batch_sizes: \"", text, "\" is not a number"));
    }
  }
  if (batch_sizes.empty()) {
    batch_sizes.assign(family.batch_size().begin(), family.batch_size().end());
  }
  std::vector<ExperimentSpec> cells;
  for (const std::string& method : methods) {
    for (const int64_t batch_size : batch_sizes) {
      absl::StatusOr<ExperimentSpec> cell =
          ExpandCell(family, method, batch_size);
      if (!cell.ok()) return InFile(cell.status(), spec);
      cells.push_back(*std::move(cell));
    }
  }
  return cells;
}

absl::Status RunFamily(const FamilyTrainer& train, const std::string& target) {
  const std::string spec = absl::GetFlag(FLAGS_spec);
  ASSIGN_OR_RETURN(const ExperimentSpec family, ReadExperiment(spec));
  ASSIGN_OR_RETURN(const std::vector<ExperimentSpec> cells,
                   ExpandCells(family, spec));
  ASSIGN_OR_RETURN(const TrainingInputs inputs,
                   ReadTrainingInputs(family, spec,
                                      absl::GetFlag(FLAGS_dataset),
                                      absl::GetFlag(FLAGS_optima)));
  ProgressLine line;
  CellProgress progress;
  if (line.visible()) {
    progress = [&, begin = absl::Now()](int done, int total) {
      line.Show(absl::StrFormat(
          "%s: %d cells, %.0f %%%s", family.name(), cells.size(),
          100.0 * done / total,
          TimeLeft(absl::ToDoubleSeconds(absl::Now() - begin),
                   static_cast<double>(done) / total)));
    };
  }
  absl::StatusOr<std::vector<ExperimentResult>> trained =
      RunCells(inputs.problem, cells, inputs.optima, progress, train);
  if (!trained.ok()) return InFile(trained.status(), spec);
  std::vector<ExperimentResult> results = *std::move(trained);
  const std::string prefix = absl::GetFlag(FLAGS_target_prefix);
  for (size_t c = 0; c < cells.size(); ++c) {
    const std::string name =
        absl::StrCat(family.name(), "_", cells[c].method(0).name(), "_m",
                     cells[c].batch_size(0));
    *results[c].mutable_dataset() = MakeDatasetRecord(inputs.dataset);
    results[c].set_target(prefix.empty() ? target : prefix + name);
    RETURN_IF_ERROR(WriteFileAtomically(
        absl::StrCat(absl::GetFlag(FLAGS_out_dir), "/", name, ".result.pb"),
        SerializeDeterministically(results[c])));
  }
  return absl::OkStatus();
}

}  // namespace

int FamilyMain(int argc, char** argv, const FamilyTrainer& train,
              const std::string& target) {
  return RunProgram(argc, argv, kUsage,
                    [&] { return RunFamily(train, target); });
}

}  // namespace anisograd
