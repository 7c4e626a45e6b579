// Turns a recorded result into what a run of its spec would have written,
// provided it is of spec and data as they stand.
//
//   check_recorded --kind=cell --spec=CELL.textproto --dataset=F.bin
//                  --recorded=F.textproto --out=F.result.pb
//                  [--require_official]

#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/token_file.h"
#include "experiments/gpt2/record/recorded.h"
#include "experiments/gpt2/smoothness/smoothness_spec.h"
#include "experiments/gpt2/spec/experiment_spec.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, kind, "cell",
          "what was recorded: cell, a Gpt2Result, or smoothness, a "
          "Gpt2SmoothnessResult");
ABSL_FLAG(std::string, spec, "", "its spec, a cell's expanded");
ABSL_FLAG(std::string, dataset, "", "its token file");
ABSL_FLAG(std::string, recorded, "", "the result in text form");
ABSL_FLAG(std::string, out, "", "where to write it");
ABSL_FLAG(bool, require_official, false, "refuse one of stand-ins");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Turns a recorded result into what a run of its spec would have written.",
    "--spec=CELL.textproto --dataset=F.bin --recorded=F.textproto --out=OUT.pb "
    "[--kind=cell|smoothness] [--require_official]"};

template <typename Spec>
absl::Status WriteChecked(const absl::StatusOr<Spec>& spec) {
  RETURN_IF_ERROR(spec.status());
  ASSIGN_OR_RETURN(const auto result,
                   ReadRecordedResult(absl::GetFlag(FLAGS_recorded), *spec));
  ASSIGN_OR_RETURN(const TokenFile tokens,
                   ReadTokenFile(absl::GetFlag(FLAGS_dataset)));
  RETURN_IF_ERROR(InFile(CheckRecordedData(result.dataset(), tokens),
                         absl::GetFlag(FLAGS_recorded)));
  if (absl::GetFlag(FLAGS_require_official)) {
    RETURN_IF_ERROR(
        InFile(CheckRecordedIsOfficial(result.dataset(), result.start()),
               absl::GetFlag(FLAGS_recorded)));
  }
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             SerializeDeterministically(result));
}

absl::Status WriteCheckedOfKind() {
  const std::string kind = absl::GetFlag(FLAGS_kind);
  const std::string spec = absl::GetFlag(FLAGS_spec);
  if (kind == "cell") return WriteChecked(ReadGpt2Experiment(spec));
  if (kind == "smoothness") return WriteChecked(ReadGpt2Smoothness(spec));
  return absl::InvalidArgumentError(
      absl::StrCat("--kind: must be cell or smoothness, got \"", kind, "\""));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::WriteCheckedOfKind);
}
