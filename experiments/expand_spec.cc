// Writes one cell's, or one optimum's, part of a family's spec.
//
//   expand_spec --spec=a9a.textproto --method=adagrad --batch_size=64 --out=F
//   expand_spec --spec=a9a.textproto --optimum=paper --out=F

#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/spec.pb.h"
#include "experiments/spec_validation.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, spec, "", "the family, an ExperimentSpec in text form");
ABSL_FLAG(std::string, method, "", "the cell's method");
ABSL_FLAG(int64_t, batch_size, 0, "the cell's batch size");
ABSL_FLAG(std::string, optimum, "", "an optimum's role, instead of a cell");
ABSL_FLAG(std::string, out, "", "where to write the expanded spec");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Writes one cell's, or one optimum's, part of a family's spec.",
    "--spec=FAMILY.textproto --out=OUT.textproto [--method=NAME "
    "--batch_size=M | --optimum=ROLE]"};

absl::Status Run() {
  const std::string path = absl::GetFlag(FLAGS_spec);
  ASSIGN_OR_RETURN(const ExperimentSpec family, ReadExperiment(path));
  const std::string role = absl::GetFlag(FLAGS_optimum);
  if (!role.empty() && !absl::GetFlag(FLAGS_method).empty()) {
    return absl::InvalidArgumentError("--method, --optimum: give one of them");
  }
  absl::StatusOr<ExperimentSpec> part =
      role.empty() ? ExpandCell(family, absl::GetFlag(FLAGS_method),
                                absl::GetFlag(FLAGS_batch_size))
                   : ExpandOptimum(family, role);
  if (!part.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", part.status().message()));
  }
  return WriteFileAtomically(
      absl::GetFlag(FLAGS_out),
      absl::StrCat("# proto-file: experiments/spec.proto\n"
                   "# proto-message: anisograd.ExperimentSpec\n\n",
                   ToTextProto(*part)));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Run);
}
