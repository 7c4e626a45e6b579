// Writes Figure 1's data, and the measurements behind it.
//
//   figure1_main --results=A.pb --content=figure --out=figure1_data.csv

#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "analysis/gpt2/figure1.h"
#include "analysis/gpt2/generalized_smoothness.h"
#include "experiments/gpt2/smoothness/smoothness.pb.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, results, "", "a Gpt2SmoothnessResult");
ABSL_FLAG(std::string, content, "figure",
          "figure: the panels' points; coordinates: L0 and L1 of all sampled "
          "parameters; inequality: (9) at all pairs");
ABSL_FLAG(std::string, out, "", "where to write the CSV");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Writes Figure 1's data, or the measurements behind it.",
    "--results=F.pb --out=OUT.csv [--content=figure|coordinates|inequality]"};

absl::StatusOr<std::string> MakeCsv(const GeneralizedSmoothness& quantities) {
  const std::string content = absl::GetFlag(FLAGS_content);
  if (content == "figure") return MakeFigure1Csv(quantities);
  if (content == "coordinates") return MakeCoordinatesCsv(quantities);
  if (content == "inequality") return MakeInequalityCsv(quantities);
  return absl::InvalidArgumentError(
      absl::StrCat("--content: must be figure, coordinates or inequality, got "
                   "\"", content, "\""));
}

absl::Status WriteFigure1Data() {
  Gpt2SmoothnessResult result;
  RETURN_IF_ERROR(ReadBinaryProto(absl::GetFlag(FLAGS_results), &result));
  ASSIGN_OR_RETURN(const GeneralizedSmoothness quantities,
                   ComputeGeneralizedSmoothness(result));
  ASSIGN_OR_RETURN(const std::string csv, MakeCsv(quantities));
  return WriteFileAtomically(absl::GetFlag(FLAGS_out), csv);
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::WriteFigure1Data);
}
