// Turns what a run wrote into a file of experiments/gpt2/recorded, which
// check_recorded turns back.
//
//   record_result --kind=cell --spec=CELL.textproto --result=F.result.pb
//                 --source_revision=REVISION --out=F.textproto

#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "experiments/gpt2/record/recorded.h"
#include "experiments/gpt2/smoothness/smoothness_spec.h"
#include "experiments/gpt2/spec/experiment_spec.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, kind, "cell",
          "what was run: cell, for a Gpt2Result, or smoothness, for a "
          "Gpt2SmoothnessResult");
ABSL_FLAG(std::string, spec, "", "its spec, a cell's expanded");
ABSL_FLAG(std::string, result, "", "what the run wrote");
ABSL_FLAG(std::string, source_revision, "",
          "of the sources that it was built from");
ABSL_FLAG(std::string, out, "", "where to write it");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Turns what a run wrote into a file that can be recorded.",
    "--spec=CELL.textproto --result=F.pb --source_revision=REVISION "
    "--out=OUT.textproto [--kind=cell|smoothness]"};

template <typename Result, typename Spec>
absl::Status Record(const absl::StatusOr<Spec>& spec) {
  RETURN_IF_ERROR(spec.status());
  const std::string path = absl::GetFlag(FLAGS_result);
  Result result;
  RETURN_IF_ERROR(ReadBinaryProto(path, &result));
  result.set_source_revision(absl::GetFlag(FLAGS_source_revision));
  const absl::StatusOr<std::string> text = RecordedText(result, *spec);
  if (!text.ok()) return InFile(text.status(), path);
  return WriteFileAtomically(absl::GetFlag(FLAGS_out), *text);
}

absl::Status RecordKind() {
  const std::string kind = absl::GetFlag(FLAGS_kind);
  const std::string spec = absl::GetFlag(FLAGS_spec);
  if (kind == "cell") return Record<Gpt2Result>(ReadGpt2Experiment(spec));
  if (kind == "smoothness") {
    return Record<Gpt2SmoothnessResult>(ReadGpt2Smoothness(spec));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--kind: must be cell or smoothness, got \"", kind, "\""));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::RecordKind);
}
