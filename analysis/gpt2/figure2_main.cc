// Writes Figure 2's data.
//
//   figure2_main --results=A.pb,B.pb,... --out=figure2_data.csv

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "analysis/gpt2/fine_tuning.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::vector<std::string>, results, {}, "Gpt2Results");
ABSL_FLAG(std::string, out, "", "where to write the CSV");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Writes Figure 2's data.",
    "--results=A.pb,B.pb --out=OUT.csv"};

absl::Status WriteFigure2Data() {
  std::vector<Gpt2Result> results;
  for (const std::string& path : absl::GetFlag(FLAGS_results)) {
    RETURN_IF_ERROR(ReadBinaryProto(path, &results.emplace_back()));
  }
  ASSIGN_OR_RETURN(const FineTuningQuantities quantities,
                   ComputeFineTuningQuantities(results));
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             MakeFigure2Csv(quantities, {256, 512}));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::WriteFigure2Data);
}
