// Tries the convex experiments on any LIBSVM file, without editing anything:
//
//   bazel run //paper_tables:sweep -- --libsvm=FILE --features=N
//
// prints the file's rows of Tables 2 and 3. The protocol is that of --spec, a
// family of the paper by default; w* is the exact optimum (Newton, or L-BFGS in
// more than 2,000 dimensions).

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "analysis/convex.h"
#include "analysis/smoothness.h"
#include "data/libsvm.h"
#include "experiments/logistic/optimum/solve_optimum.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/logistic/train/cell.h"
#include "experiments/spec_validation.h"
#include "paper_tables/convex_tables.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(std::string, libsvm, "", "the file");
ABSL_FLAG(int64_t, features, 0, "its declared number of features");
ABSL_FLAG(std::string, positive_labels, "+1,1", "labels that mean y = +1");
ABSL_FLAG(std::string, negative_labels, "-1,0", "labels that mean y = -1");
ABSL_FLAG(std::string, spec, "",
          "an ExperimentSpec whose protocol, grid and seeds are used; that of "
          "a9a by default");
ABSL_FLAG(int, epochs, 0, "instead of the spec's");
ABSL_FLAG(std::vector<std::string>, methods, {}, "some of the spec's");
ABSL_FLAG(std::vector<std::string>, batch_sizes, {}, "instead of the spec's");
ABSL_FLAG(bool, csv, false, "print CSV instead of tables");

namespace anisograd {
namespace {

constexpr int64_t kMostNewtonDimensions = 2000;

// A path as the user meant it: `bazel run` starts elsewhere.
std::string UserPath(const std::string& path) {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  if (folder == nullptr || path.empty() || path[0] == '/') return path;
  return absl::StrCat(folder, "/", path);
}

absl::StatusOr<ExperimentSpec> MakeFamily(int64_t dimension) {
  const std::string spec = UserPath(absl::GetFlag(FLAGS_spec));
  ASSIGN_OR_RETURN(ExperimentSpec family,
                   ReadExperiment(spec.empty()
                                      ? "experiments/logistic/a9a.textproto"
                                      : spec));
  family.set_name("sweep");
  family.set_dataset("sweep");
  if (absl::GetFlag(FLAGS_epochs) != 0) {
    family.mutable_logistic()->set_epochs(absl::GetFlag(FLAGS_epochs));
  }
  if (!absl::GetFlag(FLAGS_batch_sizes).empty()) {
    family.clear_batch_size();
    for (const std::string& text : absl::GetFlag(FLAGS_batch_sizes)) {
      int64_t batch_size;
      if (!absl::SimpleAtoi(text, &batch_size)) {
        return absl::InvalidArgumentError(
            absl::StrCat("--batch_sizes: \"", text, "\" is not a number"));
      }
      family.add_batch_size(batch_size);
    }
  }
  family.clear_optimum();
  OptimumSpec* optimum = family.add_optimum();
  optimum->set_role(OptimumSpec::PAPER);
  if (dimension <= kMostNewtonDimensions) {
    optimum->mutable_newton()->set_gradient_tolerance(1e-10);
    optimum->mutable_newton()->set_max_iterations(100);
  } else {
    optimum->mutable_lbfgs()->set_gradient_tolerance(1e-8);
    optimum->mutable_lbfgs()->set_max_iterations(500);
    optimum->mutable_lbfgs()->set_memory(20);
  }
  RETURN_IF_ERROR(ValidateExperiment(family));
  return family;
}

absl::Status Sweep() {
  if (absl::GetFlag(FLAGS_libsvm).empty()) {
    return absl::InvalidArgumentError(
        "usage: --libsvm=FILE --features=N [--epochs=E] "
        "[--methods=sgd,adagrad] [--batch_sizes=1,64] [--csv]");
  }
  LibsvmOptions options;
  options.file = UserPath(absl::GetFlag(FLAGS_libsvm));
  options.features = absl::GetFlag(FLAGS_features);
  options.positive_labels =
      absl::StrSplit(absl::GetFlag(FLAGS_positive_labels), ',');
  options.negative_labels =
      absl::StrSplit(absl::GetFlag(FLAGS_negative_labels), ',');
  ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(options.file));
  ASSIGN_OR_RETURN(const CsrMatrix matrix, ParseLibsvm(file.view(), options));

  const std::string name =
      options.file.substr(options.file.find_last_of('/') + 1);
  ASSIGN_OR_RETURN(const ExperimentSpec family,
                   MakeFamily(options.features));
  ASSIGN_OR_RETURN(
      const LogisticProblem problem,
      LogisticProblem::Create(matrix.view(), family.logistic().bias_feature()));
  DatasetRecord record;
  record.set_name(name);
  record.set_rows(problem.rows());
  record.set_features(options.features);
  record.set_nonzeros(static_cast<int64_t>(matrix.index.size()));

  ProgressLine line;
  ASSIGN_OR_RETURN(const ExperimentSpec part, ExpandOptimum(family, "paper"));
  ASSIGN_OR_RETURN(
      const OptimumResult optimum,
      SolveOptimum(problem, part, [&](const std::string& s) { line.Show(s); }));
  std::vector<ExperimentResult> results;
  for (const Method& method : family.method()) {
    const auto& wanted = absl::GetFlag(FLAGS_methods);
    if (!wanted.empty() &&
        std::find(wanted.begin(), wanted.end(), method.name()) ==
            wanted.end()) {
      continue;
    }
    for (const int64_t batch_size : family.batch_size()) {
      ASSIGN_OR_RETURN(const ExperimentSpec cell,
                       ExpandCell(family, method.name(), batch_size));
      ASSIGN_OR_RETURN(
          ExperimentResult result,
          RunCell(problem, cell, {optimum}, [&](int done, int total) {
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
  ASSIGN_OR_RETURN(const ConvexQuantities quantities,
                   ComputeConvexQuantities(results, constants));
  ASSIGN_OR_RETURN(const Published nothing_published,
                   Published::Create({}, {}));
  RenderedTable statistics = MakeTable2({quantities}, nothing_published);
  RenderedTable losses = MakeTable3({quantities}, nothing_published);
  statistics.table.title = "Statistics as in Table 2";
  losses.table.title = absl::StrFormat(
      "f(w) - f(w*) as in Table 3, in %s; f(w*) = %.9g, %d epochs",
      options.features >= 10000 ? "1e-1" : "1e-3", optimum.loss(),
      family.logistic().epochs());
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
  absl::ParseCommandLine(argc, argv);
  return anisograd::ExitCode(anisograd::Sweep());
}
