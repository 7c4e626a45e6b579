// Compares results of the same cells, such as a CPU's and a GPU's:
//
//   compare --expected=FOLDER --actual=FOLDER [--tolerance=1e-9]
//
// prints a line for every *.result.pb of the second folder, and fails where a
// relative difference of losses or distances is above the tolerance in a run that
// converged, or an outcome or a selection differs. What runs that exploded differ
// by is shown; roundings alone can make it large (compare.h).

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "experiments/logistic/train/compare.h"
#include "experiments/result_file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(std::string, expected, "", "a folder of *.result.pb");
ABSL_FLAG(std::string, actual, "", "a folder of *.result.pb, of some of them");
ABSL_FLAG(double, tolerance, 1e-9, "relative, of losses and distances");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Compares results of the same cells, such as a CPU's and a GPU's.",
    "--expected=FOLDER --actual=FOLDER [--tolerance=X]"};

absl::StatusOr<std::vector<std::string>> ResultFiles(
    const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (absl::EndsWith(name, ".result.pb")) names.push_back(name);
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat(folder, ": ", error.message()));
  }
  if (names.empty()) {
    return absl::NotFoundError(absl::StrCat(folder, ": has no *.result.pb"));
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status Compare() {
  const double tolerance = absl::GetFlag(FLAGS_tolerance);
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ResultFiles(absl::GetFlag(FLAGS_actual)));
  size_t failed = 0;
  absl::PrintF("%-36s %9s %9s %9s %8s %s\n", "", "loss", "distance",
               "exploded", "outcomes", "selection");
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(
        const ExperimentResult expected,
        ReadResult(absl::StrCat(absl::GetFlag(FLAGS_expected), "/", name)));
    ASSIGN_OR_RETURN(
        const ExperimentResult actual,
        ReadResult(absl::StrCat(absl::GetFlag(FLAGS_actual), "/", name)));
    const absl::StatusOr<ResultDifferences> differences =
        CompareResults(expected, actual);
    if (!differences.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": ", differences.status().message()));
    }
    const bool bad = !(differences->loss <= tolerance) ||
                     !(differences->distance <= tolerance) ||
                     differences->outcomes > 0 || differences->selection;
    failed += bad;
    absl::PrintF("%-36s %9.1e %9.1e %9.1e %8d %s%s\n", name, differences->loss,
                 differences->distance, differences->exploded,
                 differences->outcomes,
                 differences->selection ? "differs" : "same",
                 bad ? "  <- beyond the tolerance" : "");
  }
  if (failed > 0) {
    return absl::FailedPreconditionError(
        absl::StrFormat("%d of %d results differ by more than %g", failed,
                        names.size(), tolerance));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Compare);
}
