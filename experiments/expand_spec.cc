// Writes a family's spec, of a protocol; or one cell's, or one optimum's, part
// of a family's spec.
//
//   expand_spec --spec=small.textproto --name=a9a
//       --dataset=data/specs/a9a.textproto --out=F
//   expand_spec --spec=a9a_family.textproto --method=adagrad --batch_size=64
//       --out=F
//   expand_spec --spec=a9a_family.textproto --optimum=paper --out=F

#include <cstdint>
#include <iostream>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/dataset_spec.h"
#include "experiments/spec.pb.h"
#include "experiments/spec_validation.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, spec, "",
          "the family, or the protocol, an ExperimentSpec in text form");
ABSL_FLAG(std::string, name, "", "the family's, to make it of a protocol");
ABSL_FLAG(std::string, dataset, "", "the family's, a DatasetSpec in text form");
ABSL_FLAG(std::string, method, "", "the cell's method");
ABSL_FLAG(int64_t, batch_size, 0, "the cell's batch size");
ABSL_FLAG(std::string, optimum, "", "an optimum's role, instead of a cell");
ABSL_FLAG(std::string, out, "", "where to write the expanded spec");

namespace anisograd {
namespace {

absl::StatusOr<ExperimentSpec> Expand(const std::string& path) {
  const std::string name = absl::GetFlag(FLAGS_name);
  if (!name.empty()) {
    ASSIGN_OR_RETURN(const DatasetSpec dataset,
                     ReadDatasetSpec(absl::GetFlag(FLAGS_dataset)));
    return ReadFamily(path, name, dataset.name(), dataset.features());
  }
  ASSIGN_OR_RETURN(const ExperimentSpec family, ReadExperiment(path));
  const std::string role = absl::GetFlag(FLAGS_optimum);
  absl::StatusOr<ExperimentSpec> part =
      role.empty() ? ExpandCell(family, absl::GetFlag(FLAGS_method),
                                absl::GetFlag(FLAGS_batch_size))
                   : ExpandOptimum(family, role);
  if (!part.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", part.status().message()));
  }
  return part;
}

absl::Status Run() {
  ASSIGN_OR_RETURN(const ExperimentSpec spec, Expand(absl::GetFlag(FLAGS_spec)));
  return WriteFileAtomically(
      absl::GetFlag(FLAGS_out),
      absl::StrCat("# proto-file: experiments/spec.proto\n"
                   "# proto-message: anisograd.ExperimentSpec\n\n",
                   ToTextProto(spec)));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return anisograd::ExitCode(anisograd::Run());
}
