// Tries the convex experiments on any LIBSVM file, without editing anything:
//
//   bazel run //paper_tables:sweep -- --libsvm=FILE --features=N
//
// prints the file's rows of Tables 2 and 3. FILE may be compressed with bzip2, or
// a pipe. Protocol and w* are those of --spec. Without it the protocol is the
// paper's for small data sets, but with the general explosion rule, and w* is the
// exact optimum (Newton, or L-BFGS in more than 2,000 dimensions).

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/convex.h"
#include "analysis/smoothness.h"
#include "data/libsvm_flags.h"
#include "data/memory.h"
#include "experiments/logistic/optimum/optimum_quality.h"
#include "experiments/logistic/optimum/solve_optimum.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/logistic/train/cell.h"
#include "experiments/spec_validation.h"
#include "paper_tables/convex_tables.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(std::string, libsvm, "", "the file");
ABSL_FLAG(std::string, spec, "",
          "a protocol, as experiments/logistic/small.textproto, which is used "
          "by default");
ABSL_FLAG(std::string, epochs, "", "instead of the spec's");
ABSL_FLAG(std::vector<std::string>, methods, {}, "some of the spec's");
ABSL_FLAG(std::vector<std::string>, batch_sizes, {}, "instead of the spec's");
ABSL_FLAG(bool, csv, false, "print CSV instead of tables");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Tries the convex experiments on any LIBSVM file, and prints its rows of "
    "Tables 2 and 3.",
    "--libsvm=FILE --features=N [--rows=N] [--positive_labels=A,B] "
    "[--negative_labels=A,B] [--spec=F.textproto] [--epochs=N] "
    "[--methods=A,B] [--batch_sizes=A,B] [--csv]"};

constexpr int64_t kMostNewtonDimensions = 2000;

// Keeps those of the family's methods that --methods names.
absl::Status KeepMethods(ExperimentSpec* family) {
  const std::vector<std::string> wanted = absl::GetFlag(FLAGS_methods);
  if (wanted.empty()) return absl::OkStatus();
  std::vector<std::string> known;
  for (const Method& method : family->method()) known.push_back(method.name());
  for (const std::string& name : wanted) {
    if (std::count(known.begin(), known.end(), name) == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("--methods: no method \"", name, "\"; there are ",
                       absl::StrJoin(known, ", ")));
    }
  }
  for (int i = family->method_size() - 1; i >= 0; --i) {
    if (std::count(wanted.begin(), wanted.end(), known[i]) == 0) {
      family->mutable_method()->DeleteSubrange(i, 1);
    }
  }
  return absl::OkStatus();
}

// Replaces what a family of the paper has because of its own data.
void UseNothingOfThePaperData(int64_t features, ExperimentSpec* family) {
  family->mutable_logistic()->clear_explosion();
  family->clear_optimum();
  OptimumSpec* optimum = family->add_optimum();
  optimum->set_role(OptimumSpec::PAPER);
  if (features <= kMostNewtonDimensions) {
    optimum->mutable_newton()->set_gradient_tolerance(1e-10);
    optimum->mutable_newton()->set_max_iterations(100);
  } else {
    optimum->mutable_lbfgs()->set_gradient_tolerance(1e-10);
    optimum->mutable_lbfgs()->set_max_iterations(2000);
    optimum->mutable_lbfgs()->set_memory(20);
  }
}

// w* of every role of the family.
absl::StatusOr<std::vector<OptimumResult>> SolveOptima(
    const LogisticProblem& problem, const ExperimentSpec& family,
    ProgressLine* line) {
  std::vector<OptimumResult> optima;
  for (const OptimumSpec& optimum : family.optimum()) {
    ASSIGN_OR_RETURN(const ExperimentSpec part,
                     ExpandOptimum(family, absl::AsciiStrToLower(
                                               OptimumSpec::Role_Name(
                                                   optimum.role()))));
    ASSIGN_OR_RETURN(
        optima.emplace_back(),
        SolveOptimum(problem, part,
                     [line](const std::string& s) { line->Show(s); }));
  }
  return optima;
}

absl::StatusOr<ExperimentSpec> MakeFamily(int64_t features) {
  const std::string spec = absl::GetFlag(FLAGS_spec);
  ASSIGN_OR_RETURN(
      ExperimentSpec family,
      ReadFamily(
          spec.empty()
              ? Runfile("anisograd/experiments/logistic/small.textproto")
              : spec,
          "sweep", "sweep", features));
  RETURN_IF_ERROR(KeepMethods(&family));
  if (IsGiven("epochs")) {
    int epochs;
    if (!absl::SimpleAtoi(absl::GetFlag(FLAGS_epochs), &epochs) ||
        epochs < 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--epochs: must be a positive number, got \"",
          absl::GetFlag(FLAGS_epochs), "\""));
    }
    family.mutable_logistic()->set_epochs(epochs);
  }
  if (!absl::GetFlag(FLAGS_batch_sizes).empty()) {
    family.clear_batch_size();
    for (const std::string& text : absl::GetFlag(FLAGS_batch_sizes)) {
      int64_t batch_size;
      if (!absl::SimpleAtoi(text, &batch_size) || batch_size < 1) {
        return absl::InvalidArgumentError(absl::StrCat(
            "--batch_sizes: must be positive numbers, got \"", text, "\""));
      }
      family.add_batch_size(batch_size);
    }
  }
  if (spec.empty()) UseNothingOfThePaperData(features, &family);
  RETURN_IF_ERROR(ValidateExperiment(family));
  return family;
}

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
  LimitMemoryToWhatThereIs();
  const LibsvmOptions options =
      LibsvmOptionsFromFlags(absl::GetFlag(FLAGS_libsvm));
  // Before any work, so that a mistyped name costs nothing.
  ASSIGN_OR_RETURN(const ExperimentSpec family, MakeFamily(options.features));
  ASSIGN_OR_RETURN(const CsrMatrix matrix, ReadLibsvm(options));

  // 20 pairs of L-BFGS and some vectors beside them, the trainers' lanes later.
  constexpr int64_t kBytesPerDimension = 400;
  RETURN_IF_ERROR(
      CheckMemory(options.features * kBytesPerDimension,
                  absl::StrCat("--features=", options.features)));

  const std::string name =
      options.file.substr(options.file.find_last_of('/') + 1);
  ASSIGN_OR_RETURN(
      const LogisticProblem problem,
      LogisticProblem::Create(matrix.view(), family.logistic().bias_feature()));
  DatasetRecord record;
  record.set_name(name);
  record.set_rows(problem.rows());
  record.set_features(options.features);
  record.set_nonzeros(static_cast<int64_t>(matrix.index.size()));

  ProgressLine line;
  ASSIGN_OR_RETURN(std::vector<OptimumResult> optima,
                   SolveOptima(problem, family, &line));
  std::vector<std::string> known;
  bool separable = false;
  for (OptimumResult& optimum : optima) {
    known.push_back(absl::StrCat(
        "w* (", absl::AsciiStrToLower(OptimumSpec::Role_Name(
                    optimum.spec().role())), "): ", DescribeOptimum(optimum)));
    if (optimum.certificate() != OptimumResult::SEPARABLE) continue;
    // The infimum, in place of f where the solver stopped on the way to it.
    separable = true;
    optimum.set_loss(0.0);
  }
  std::vector<ExperimentResult> results;
  for (const Method& method : family.method()) {
    for (const int64_t batch_size : family.batch_size()) {
      ASSIGN_OR_RETURN(const ExperimentSpec cell,
                       ExpandCell(family, method.name(), batch_size));
      ASSIGN_OR_RETURN(
          ExperimentResult result,
          RunCell(problem, cell, optima, [&](int done, int total) {
            line.Show(absl::StrFormat("%s M=%d: epoch %d of %d", method.name(),
                                      batch_size, done, total));
          }));
      *result.mutable_dataset() = record;
      result.set_target("sweep");
      results.push_back(std::move(result));
    }
  }
  ConstantsResult constants = ComputeConstants(problem);
  *constants.mutable_dataset() = record;
  constants.set_target("sweep");
  ASSIGN_OR_RETURN(ConvexQuantities quantities,
                   ComputeConvexQuantities(results, constants));
  if (separable) quantities.diameters = Diameters();
  ASSIGN_OR_RETURN(const Published nothing_published,
                   Published::Create({}, {}));
  RenderedTable statistics = MakeTable2({quantities}, nothing_published);
  RenderedTable losses = MakeTable3({quantities}, nothing_published);
  statistics.table.title = "Statistics as in Table 2";
  losses.table.title = absl::StrFormat(
      "f(w) - f(w*) as in Table 3, in %s, %d epochs",
      options.features >= 10000 ? "1e-1" : "1e-3",
      family.logistic().epochs());
  losses.table.notes.insert(losses.table.notes.end(), known.begin(),
                            known.end());
  AddNotes(results, problem.rows(), &losses.table);
  // The first is what the losses are compared with.
  if (separable || !IsInfimumKnown(optima[0])) {
    for (Row& row : losses.rows) row.scale_note = known[0];
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
