// Prints the page of constants_page.h: of a data set whose cells have been
// trained, or of any LIBSVM file, which it trains on first.
//
//   report_main --dataset=F.dataset --results=A.pb,... [--optimum=F.pb]
//     [--bounds=A.pb,...]
//   report_main --libsvm=FILE --features=N ...
//
// bazel run //analysis:report -- a9a finds the files of a data set (report.sh).

#include <algorithm>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/convex.h"
#include "analysis/page/bounds_section.h"
#include "analysis/page/constants_page.h"
#include "analysis/problem_constants.h"
#include "analysis/smoothness.h"
#include "analysis/theory/theory.pb.h"
#include "experiments/logistic/problem/dataset_record.h"
#include "experiments/logistic/train/sweep_run.h"
#include "experiments/logistic/train/training_inputs.h"
#include "experiments/result_file.h"
#include "experiments/selection.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, dataset, "", "a data set in binary form");
ABSL_FLAG(std::vector<std::string>, results, {}, "ExperimentResults of it");
ABSL_FLAG(std::string, optimum, "", "the EXACT OptimumResult of it");
ABSL_FLAG(std::vector<std::string>, bounds, {}, "CellBounds of the results");
ABSL_FLAG(std::string, libsvm, "", "a file to train on, instead of these");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Prints the constants of the assumptions, the theorem's ratios and bounds "
    "and the measured lead of a data set, one page.",
    "[--dataset=F.dataset --results=A.pb,B.pb [--optimum=F.pb] "
    "[--bounds=A.pb,B.pb]] "
    "[--libsvm=FILE [--features=N] [--rows=N] [--positive_labels=A,B] "
    "[--negative_labels=A,B] [--spec=F.textproto] [--epochs=N] "
    "[--methods=A,B] [--batch_sizes=A,B]]"};

// SGD's and AdaGrad's cells whose path is looked at: of M = 64, or of the largest
// batch size below that there is.
std::vector<ExperimentResult> CellsOfPath(
    const std::vector<ExperimentResult>& results) {
  int64_t batch_size = 0;
  for (const ExperimentResult& result : results) {
    const int64_t m = result.spec().batch_size(0);
    if (m <= 64 && m > batch_size) batch_size = m;
  }
  std::vector<ExperimentResult> cells;
  for (const char* method : {"sgd", "adagrad"}) {
    for (const ExperimentResult& result : results) {
      if (result.spec().batch_size(0) == batch_size &&
          result.spec().method(0).name() == method) {
        cells.push_back(result);
      }
    }
  }
  return cells;
}

// What the page says of the theorems' bounds on `results`.
absl::StatusOr<std::string> DescribeBounds(
    const DatasetRecord& dataset, const std::vector<ExperimentResult>& results,
    const OptimumResult& optimum) {
  if (optimum.certificate() != OptimumResult::DUALITY_GAP) {
    return std::string("  none: they need a certified w*\n");
  }
  if (!IsGiven("bounds")) {
    return absl::StrFormat(
        "  not made; of a data set of the small protocol\n"
        "    bazel build //analysis/theory:%s_bounds\n"
        "  replays its runs for them\n",
        dataset.name());
  }
  std::vector<CellBounds> cells;
  for (const std::string& file : absl::GetFlag(FLAGS_bounds)) {
    RETURN_IF_ERROR(ReadBinaryProto(file, &cells.emplace_back()));
    const bool known = std::any_of(
        results.begin(), results.end(), [&](const ExperimentResult& result) {
          return result.spec_digest() == cells.back().spec_digest();
        });
    if (cells.back().dataset().digest() != dataset.digest() || !known) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ": spec_digest: of none of --results"));
    }
  }
  return RenderBounds(cells);
}

absl::Status Print(const LogisticProblem& problem, const DatasetRecord& dataset,
                   const std::vector<ExperimentResult>& results,
                   const OptimumResult* optimum, bool distances,
                   const std::string& bounds) {
  ConstantsResult constants = ComputeConstants(problem);
  *constants.mutable_dataset() = dataset;
  ASSIGN_OR_RETURN(ConvexQuantities quantities,
                   ComputeConvexQuantities(results, constants));
  if (!distances) quantities.diameters = Diameters();
  ASSIGN_OR_RETURN(
      ProblemConstants page,
      ComputeProblemConstants(problem, optimum, CellsOfPath(results)));
  *page.mutable_dataset() = dataset;
  absl::PrintF("%s", RenderConstantsPage(quantities, page, bounds));
  return absl::OkStatus();
}

absl::Status ReportSweep() {
  ASSIGN_OR_RETURN(const SweepRun run, RunSweep(absl::GetFlag(FLAGS_libsvm)));
  // Without --spec the PAPER one is exact.
  int exact = FindOptimum(run.optima, OptimumSpec::EXACT);
  if (exact < 0) exact = FindOptimum(run.optima, OptimumSpec::PAPER);
  RETURN_IF_ERROR(Print(run.problem, run.dataset, run.results,
                        &run.optima[exact], !run.separable,
                        "  not of a file: they replay the runs of a data set "
                        "(CONTRIBUTING.md makes one of it)\n"));
  for (const std::string& line : run.known) absl::PrintF("\n%s\n", line);
  return absl::OkStatus();
}

absl::Status Report() {
  if (IsGiven("libsvm")) {
    for (const char* flag : {"dataset", "results", "optimum", "bounds"}) {
      if (IsGiven(flag)) {
        return absl::InvalidArgumentError(
            absl::StrCat("--", flag, ": not with --libsvm"));
      }
    }
    return ReportSweep();
  }
  const std::string path = absl::GetFlag(FLAGS_dataset);
  if (path.empty() || absl::GetFlag(FLAGS_results).empty()) {
    return absl::InvalidArgumentError(
        "--libsvm, or --dataset with --results, is required; --help shows all "
        "flags");
  }
  const std::vector<std::string> files = absl::GetFlag(FLAGS_results);
  std::vector<ExperimentResult> results;
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(results.emplace_back(), ReadResult(file));
  }
  std::vector<std::string> optima;
  if (IsGiven("optimum")) optima.push_back(absl::GetFlag(FLAGS_optimum));
  ASSIGN_OR_RETURN(
      const TrainingInputs inputs,
      ReadTrainingInputs(results[0].spec(), files[0], path, optima));
  const OptimumResult optimum =
      optima.empty() ? OptimumResult() : inputs.optima[0];
  const DatasetRecord record = MakeDatasetRecord(inputs.dataset);
  ASSIGN_OR_RETURN(const std::string bounds,
                   DescribeBounds(record, results, optimum));
  return Print(inputs.problem, record, results, &optimum, true, bounds);
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Report);
}
