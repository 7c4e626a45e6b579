// What //paper_tables shows of a data set beside its cells, as a file.
//
//   measure_main --what=constants --dataset=F.dataset --results=A.pb,...
//       --optimum=F.pb --out=F.pb          ProblemConstants
//   measure_main --what=held_out ... [--test=LIBSVM] --out=F.pb
//                                          HeldOutResult; without --test one that
//                                          says that there are no such samples

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/held_out.h"
#include "analysis/problem_constants.h"
#include "data/dataset_file.h"
#include "data/libsvm_file.h"
#include "experiments/logistic/problem/dataset_record.h"
#include "experiments/logistic/train/training_inputs.h"
#include "experiments/result_file.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, what, "", "constants or held_out");
ABSL_FLAG(std::string, dataset, "", "the data set in binary form");
ABSL_FLAG(std::vector<std::string>, results, {}, "cells of it");
ABSL_FLAG(std::string, optimum, "", "its EXACT optimum");
ABSL_FLAG(std::string, test, "", "samples of the same features");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::string, out, "", "where to write the result");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Measures a data set's constants, or what was learned on held-out samples.",
    "--what=constants|held_out --dataset=F.dataset --results=A.pb,B.pb "
    "--optimum=F.pb --out=OUT.pb [--test=F] [--target=LABEL]"};

absl::Status Measure() {
  const std::string what = absl::GetFlag(FLAGS_what);
  if (what != "constants" && what != "held_out") {
    return absl::InvalidArgumentError(
        absl::StrCat("--what: \"", what, "\" is neither constants nor held_out"));
  }
  const std::vector<std::string> files = absl::GetFlag(FLAGS_results);
  std::vector<ExperimentResult> results;
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(results.emplace_back(), ReadResult(file));
  }
  ASSIGN_OR_RETURN(
      const TrainingInputs inputs,
      ReadTrainingInputs(results[0].spec(), files[0],
                         absl::GetFlag(FLAGS_dataset),
                         {absl::GetFlag(FLAGS_optimum)}));
  const Dataset& dataset = inputs.dataset;
  for (size_t i = 0; i < files.size(); ++i) {
    if (results[i].dataset().digest() != dataset.digest()) {
      return absl::InvalidArgumentError(
          absl::StrCat(files[i], ": dataset: not that of --dataset"));
    }
  }
  const std::string out = absl::GetFlag(FLAGS_out);
  if (what == "constants") {
    ASSIGN_OR_RETURN(ProblemConstants constants,
                     ComputeProblemConstants(inputs.problem, &inputs.optima[0],
                                             results));
    *constants.mutable_dataset() = MakeDatasetRecord(dataset);
    constants.set_target(absl::GetFlag(FLAGS_target));
    return WriteFileAtomically(out, SerializeDeterministically(constants));
  }
  HeldOutResult result;
  if (IsGiven("test")) {
    LibsvmOptions options;
    options.file = absl::GetFlag(FLAGS_test);
    options.features = dataset.view().features;
    ASSIGN_OR_RETURN(const LibsvmFile file, ReadLibsvmFile(options));
    if (!file.warning.empty()) {
      std::fprintf(stderr, "WARNING: %s\n", file.warning.c_str());
    }
    ASSIGN_OR_RETURN(
        const LogisticProblem test,
        LogisticProblem::Create(file.matrix.view(),
                                results[0].spec().logistic().bias_feature()));
    ASSIGN_OR_RETURN(result, ComputeHeldOut(inputs.problem, test, results,
                                            inputs.optima[0]));
    result.set_file(options.file.substr(options.file.find_last_of('/') + 1));
  }
  *result.mutable_dataset() = MakeDatasetRecord(dataset);
  result.set_target(absl::GetFlag(FLAGS_target));
  return WriteFileAtomically(out, SerializeDeterministically(result));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Measure);
}
