// Appendix B for one exponential tail.
//
//   exponential_tail_main --features=1000 --tau=0.2 --out=F.pb

#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "analysis/theory/exponential_tail.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(int64_t, features, 0, "d");
ABSL_FLAG(double, tau, 0.0, "of Assumption B.2, above 1 / d");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::string, out, "", "where to write the TailRecord");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Appendix B for one exponential tail.",
    "--features=N --tau=N --out=OUT.pb [--target=LABEL]"};

absl::Status MakeTail() {
  TailOptions options;
  options.features = absl::GetFlag(FLAGS_features);
  options.tau = absl::GetFlag(FLAGS_tau);
  ASSIGN_OR_RETURN(TailRecord record, ComputeTail(options));
  record.set_target(absl::GetFlag(FLAGS_target));
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             SerializeDeterministically(record));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::MakeTail);
}
