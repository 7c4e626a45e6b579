// Data of the figure "bound against measurement".
//
//   bound_points_main --results=A.pb,B.pb --out=F.csv

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "analysis/theory/bound_points.h"
#include "analysis/theory/theory.pb.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::vector<std::string>, results, {}, "CellBounds");
ABSL_FLAG(std::string, out, "", "where to write the CSV file");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {"Figure data of the theorems' bounds.",
                                 "--results=A.pb,B.pb --out=OUT.csv"};

absl::Status Collect() {
  std::vector<CellBounds> cells;
  for (const std::string& path : absl::GetFlag(FLAGS_results)) {
    RETURN_IF_ERROR(ReadBinaryProto(path, &cells.emplace_back()));
  }
  return WriteFileAtomically(absl::GetFlag(FLAGS_out), BoundPointsCsv(cells));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Collect);
}
