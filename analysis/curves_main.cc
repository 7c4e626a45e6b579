// Writes plot data of one family of logistic regression.
//
//   curves_main --results=A.pb,B.pb,... --content=curves --out=a9a_curves.csv

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/curves.h"
#include "experiments/result_file.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(std::vector<std::string>, results, {}, "ExperimentResults");
ABSL_FLAG(std::string, content, "curves", "curves, rates");
ABSL_FLAG(std::string, out, "", "where to write the CSV");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Writes plot data of one family of logistic regression.",
    "--results=A.pb,B.pb --out=OUT.csv [--content=curves|rates]"};

absl::Status WriteCurves() {
  std::vector<ExperimentResult> results;
  for (const std::string& path : absl::GetFlag(FLAGS_results)) {
    ASSIGN_OR_RETURN(results.emplace_back(), ReadResult(path));
  }
  const std::string content = absl::GetFlag(FLAGS_content);
  absl::StatusOr<std::string> csv = absl::InvalidArgumentError(
      absl::StrCat("--content: want curves or rates, have \"", content, "\""));
  if (content == "curves") csv = MakeCurvesCsv(results);
  if (content == "rates") csv = MakeRatesCsv(results);
  RETURN_IF_ERROR(csv.status());
  return WriteFileAtomically(absl::GetFlag(FLAGS_out), *csv);
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::WriteCurves);
}
