// Figure data of Appendix B.
//
//   appendix_b_main --results=A.pb,B.pb --out=F.csv

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/theory/theory.pb.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::vector<std::string>, results, {}, "TailRecords");
ABSL_FLAG(std::string, out, "", "where to write the CSV file");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {"Figure data of Appendix B.",
                                 "--results=A.pb,B.pb --out=OUT.csv"};

absl::Status Collect() {
  std::string csv =
      "# caption: R1, R2 and AdaGrad's lead on data with an exponential tail\n"
      "tau,d,r1,r1_closed,r2,r2_closed,r2_valid,lead_small,lead_large\n";
  for (const std::string& path : absl::GetFlag(FLAGS_results)) {
    TailRecord t;
    RETURN_IF_ERROR(ReadBinaryProto(path, &t));
    if (t.duel_size() != 2) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": duel: must be two"));
    }
    absl::StrAppendFormat(&csv, "%.6g,%d,%.6g,%.6g,%.6g,%.6g,%.6g", t.tau(),
                          t.features(), t.r1(), t.r1_closed(), t.r2_trace(),
                          t.r2_closed(), t.r2_valid());
    for (const TailDuel& duel : t.duel()) {
      absl::StrAppendFormat(
          &csv, ",%.6g",
          (duel.sgd() - t.optimum()) / (duel.adagrad() - t.optimum()));
    }
    csv += "\n";
  }
  return WriteFileAtomically(absl::GetFlag(FLAGS_out), csv);
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Collect);
}
