// Writes plot data of published numbers beside reproduced ones.
//
//   figure_rows_main --report=all_report.pb --content=diameters --out=F.csv

#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "figures/data/figure_rows.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, report, "", "RunReport");
ABSL_FLAG(std::string, content, "batch_sizes", "batch_sizes, diameters");
ABSL_FLAG(std::string, out, "", "where to write the CSV");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Writes plot data of published numbers beside reproduced ones.",
    "--report=F --out=OUT.csv [--content=batch_sizes|diameters]"};

absl::Status WriteRows() {
  RunReport report;
  RETURN_IF_ERROR(ReadBinaryProto(absl::GetFlag(FLAGS_report), &report));
  const std::string content = absl::GetFlag(FLAGS_content);
  if (content != "batch_sizes" && content != "diameters") {
    return absl::InvalidArgumentError(absl::StrCat(
        "--content: want batch_sizes or diameters, have \"", content, "\""));
  }
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             content == "diameters"
                                 ? MakeDiametersCsv(report)
                                 : MakeBatchSizesCsv(report));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::WriteRows);
}
