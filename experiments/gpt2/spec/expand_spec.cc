// Writes one cell's part of a family of GPT-2 experiments.
//
//   expand_spec --spec=alpaca.textproto --method=adagrad --batch_size=64 --out=F

#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/gpt2/spec/experiment_spec.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, spec, "", "the family, a Gpt2ExperimentSpec in text form");
ABSL_FLAG(std::string, method, "", "the cell's method");
ABSL_FLAG(int64_t, batch_size, 0, "the cell's batch size");
ABSL_FLAG(std::string, out, "", "where to write the expanded spec");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Writes one cell's part of a family of GPT-2 experiments.",
    "--spec=FAMILY.textproto --method=NAME --batch_size=M --out=OUT.textproto"};

absl::Status Run() {
  const std::string path = absl::GetFlag(FLAGS_spec);
  ASSIGN_OR_RETURN(const Gpt2ExperimentSpec family, ReadGpt2Experiment(path));
  const absl::StatusOr<Gpt2ExperimentSpec> cell =
      ExpandCell(family, absl::GetFlag(FLAGS_method),
                 absl::GetFlag(FLAGS_batch_size));
  if (!cell.ok()) return InFile(cell.status(), path);
  return WriteFileAtomically(
      absl::GetFlag(FLAGS_out),
      absl::StrCat("# proto-file: experiments/gpt2/spec/spec.proto\n"
                   "# proto-message: anisograd.Gpt2ExperimentSpec\n\n",
                   ToTextProto(*cell)));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Run);
}
