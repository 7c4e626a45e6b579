// Tries the convex experiments on any LIBSVM file, without editing anything:
//
//   bazel run //paper_tables:sweep -- --libsvm=FILE --features=N
//
// prints the file's rows of Tables 2 and 3. FILE may be compressed with bzip2, or
// a pipe. The flags are those of experiments/logistic/train/sweep_run.h.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/convex.h"
#include "analysis/smoothness.h"
#include "experiments/logistic/optimum/optimum_quality.h"
#include "experiments/logistic/train/sweep_run.h"
#include "experiments/selection.h"
#include "paper_tables/convex_rows.h"
#include "paper_tables/convex_tables.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(std::string, libsvm, "", "the file");
ABSL_FLAG(bool, csv, false, "print CSV instead of tables");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Tries the convex experiments on any LIBSVM file, and prints its rows of "
    "Tables 2 and 3.",
    ANISOGRAD_SWEEP_USAGE " [--csv]"};

// What a reader of the results of `family` on `rows` rows should know.
void AddNotes(const std::vector<ExperimentResult>& results, int64_t rows,
              Table* table) {
  std::vector<int64_t> above;
  bool any_selected = false;
  for (const ExperimentResult& result : results) {
    const int64_t m = result.spec().batch_size(0);
    if (m > rows && std::count(above.begin(), above.end(), m) == 0) {
      above.push_back(m);
    }
    any_selected |= result.has_selected();
  }
  for (const int64_t m : above) {
    table->notes.push_back(absl::StrFormat(
        "M = %d exceeds the %d rows: one step an epoch, with all of them.", m,
        rows));
  }
  if (!any_selected) {
    table->notes.push_back(
        "Every cell exploded: the features may need scaling, such as to [0, 1] "
        "or [-1, 1], or the learning rates to be smaller (--spec).");
  }
}

absl::Status Sweep() {
  ASSIGN_OR_RETURN(const SweepRun run, RunSweep(absl::GetFlag(FLAGS_libsvm)));
  ConstantsResult constants = ComputeConstants(run.problem);
  *constants.mutable_dataset() = run.dataset;
  constants.set_target("sweep");
  ASSIGN_OR_RETURN(ConvexQuantities quantities,
                   ComputeConvexQuantities(run.results, constants));
  if (run.separable) quantities.diameters = Diameters();
  ASSIGN_OR_RETURN(const Published nothing_published,
                   Published::Create({}, {}));
  RenderedTable statistics = MakeTable2({quantities}, nothing_published);
  RenderedTable losses = MakeTable3({quantities}, nothing_published);
  statistics.table.title = "Statistics as in Table 2";
  losses.table.title = absl::StrFormat(
      "f(w) - f(w*) as in Table 3, in %s, %d epochs",
      Unit(quantities) == 1e-1 ? "1e-1" : "1e-3",
      run.family.logistic().epochs());
  losses.table.notes.insert(losses.table.notes.end(), run.known.begin(),
                            run.known.end());
  AddNotes(run.results, run.problem.rows(), &losses.table);
  // What the losses are compared with.
  const int paper = FindOptimum(run.optima, OptimumSpec::PAPER);
  if (run.separable || !IsInfimumKnown(run.optima[paper])) {
    for (Row& row : losses.rows) row.scale_note = run.known[paper];
  }
  if (absl::GetFlag(FLAGS_csv)) {
    losses.rows.insert(losses.rows.begin(), statistics.rows.begin(),
                       statistics.rows.end());
    absl::PrintF("%s", RenderCsv(losses.rows));
  } else {
    absl::PrintF("%s\n%s", RenderText(statistics.table),
                 RenderText(losses.table));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Sweep);
}
