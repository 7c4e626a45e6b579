// Turns a recorded result into what a run of its cell would have written,
// provided it is of the spec as it stands.
//
//   check_recorded --spec=CELL.textproto --recorded=F.textproto --out=F.result.pb

#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "experiments/gpt2/experiment_spec.h"
#include "experiments/gpt2/recorded.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, spec, "", "the cell, an expanded Gpt2ExperimentSpec");
ABSL_FLAG(std::string, recorded, "", "a Gpt2Result in text form");
ABSL_FLAG(std::string, out, "", "where to write the Gpt2Result");

namespace anisograd {
namespace {

absl::Status WriteChecked() {
  ASSIGN_OR_RETURN(const Gpt2ExperimentSpec cell,
                   ReadGpt2Experiment(absl::GetFlag(FLAGS_spec)));
  ASSIGN_OR_RETURN(const Gpt2Result result,
                   ReadRecordedResult(absl::GetFlag(FLAGS_recorded), cell));
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             SerializeDeterministically(result));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return anisograd::ExitCode(anisograd::WriteChecked());
}
