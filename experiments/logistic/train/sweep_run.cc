#include "experiments/logistic/train/sweep_run.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/libsvm_flags.h"
#include "experiments/logistic/optimum/optimum_quality.h"
#include "experiments/logistic/optimum/solve_optimum.h"
#include "experiments/logistic/train/cell.h"
#include "experiments/spec_parts.h"
#include "experiments/spec_validation.h"
#include "tools/base/memory.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"
#include "tools/base/time_left.h"

ABSL_FLAG(std::string, spec, "",
          "a protocol, as experiments/logistic/small.textproto, which is used "
          "by default");
ABSL_FLAG(std::string, epochs, "", "instead of the spec's");
ABSL_FLAG(std::vector<std::string>, methods, {}, "some of the spec's");
ABSL_FLAG(std::vector<std::string>, batch_sizes, {}, "instead of the spec's");

namespace anisograd {
namespace {

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

// What the family asks for is an error of its file, where there is one.
absl::Status AtSpec(const absl::Status& status) {
  const std::string spec = absl::GetFlag(FLAGS_spec);
  return spec.empty() ? status : InFile(status, spec);
}

absl::StatusOr<ExperimentSpec> MakeFamily(int64_t features) {
  const std::string spec = absl::GetFlag(FLAGS_spec);
  ASSIGN_OR_RETURN(
      ExperimentSpec family,
      ReadFamily(
          spec.empty()
              ? Runfile("experiments/logistic/small.textproto")
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
      if (!absl::SimpleAtoi(text, &batch_size)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "--batch_sizes: must be positive numbers, got \"", text, "\""));
      }
      RETURN_IF_ERROR(ValidateBatchSize(batch_size, "--batch_sizes"));
      if (std::count(family.batch_size().begin(), family.batch_size().end(),
                     batch_size) > 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("--batch_sizes: ", batch_size, " stands twice"));
      }
      family.add_batch_size(batch_size);
    }
  }
  if (spec.empty()) {
    UseNothingOfThePapersData(features, {OptimumSpec::PAPER}, &family);
  }
  RETURN_IF_ERROR(ValidateExperiment(family));
  return family;
}

}  // namespace

absl::StatusOr<SweepRun> RunSweep(const std::string& libsvm) {
  const LibsvmOptions options = LibsvmOptionsFromFlags(libsvm);
  // Before any work, so that a mistyped name costs nothing.
  ASSIGN_OR_RETURN(ExperimentSpec family, MakeFamily(options.features));
  ASSIGN_OR_RETURN(CsrMatrix matrix, ReadLibsvm(options));

  // 20 pairs of L-BFGS and some vectors beside them, the trainers' lanes later.
  constexpr int64_t kBytesPerDimension = 400;
  RETURN_IF_ERROR(
      CheckMemory(options.features * kBytesPerDimension,
                  absl::StrCat("--features=", options.features)));
  ASSIGN_OR_RETURN(
      LogisticProblem problem,
      LogisticProblem::Create(matrix.view(), family.logistic().bias_feature()));
  SweepRun run = {std::move(family), std::move(matrix), std::move(problem)};
  run.dataset.set_name(options.file.substr(options.file.find_last_of('/') + 1));
  run.dataset.set_rows(run.problem.rows());
  run.dataset.set_features(options.features);
  run.dataset.set_nonzeros(static_cast<int64_t>(run.matrix.index.size()));

  ProgressLine line;
  absl::StatusOr<std::vector<OptimumResult>> optima =
      SolveOptima(run.problem, run.family, &line);
  if (!optima.ok()) return AtSpec(optima.status());
  run.optima = *std::move(optima);
  for (OptimumResult& optimum : run.optima) {
    run.known.push_back(absl::StrCat(
        "w* (", absl::AsciiStrToLower(OptimumSpec::Role_Name(
                    optimum.spec().role())), "): ", DescribeOptimum(optimum)));
    if (optimum.certificate() != OptimumResult::SEPARABLE) continue;
    // The infimum, in place of f where the solver stopped on the way to it.
    run.separable = true;
    optimum.set_loss(0.0);
  }
  const absl::Time begin = absl::Now();
  const double cells = static_cast<double>(run.family.method_size()) *
                       static_cast<double>(run.family.batch_size_size());
  for (const Method& method : run.family.method()) {
    for (const int64_t batch_size : run.family.batch_size()) {
      ASSIGN_OR_RETURN(const ExperimentSpec cell,
                       ExpandCell(run.family, method.name(), batch_size));
      const double finished = static_cast<double>(run.results.size());
      absl::StatusOr<ExperimentResult> result =
          RunCell(run.problem, cell, run.optima, [&](int done, int total) {
            // As if all epochs took as long; small batches take longer.
            line.Show(absl::StrFormat(
                "%s M=%d: epoch %d of %d%s", method.name(), batch_size, done,
                total,
                TimeLeft(absl::ToDoubleSeconds(absl::Now() - begin),
                         (finished + static_cast<double>(done) / total) /
                             cells)));
          });
      if (!result.ok()) return AtSpec(result.status());
      *result->mutable_dataset() = run.dataset;
      result->set_target("sweep");
      run.results.push_back(*std::move(result));
    }
  }
  return run;
}

}  // namespace anisograd
