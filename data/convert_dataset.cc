// Turns a LIBSVM file into the binary form that trainers map.
//
//   convert_dataset --spec=a9a.textproto --input=a9a --out=a9a.dataset
//   convert_dataset --spec=rcv1.textproto --stand_in --out=rcv1.dataset
//   convert_dataset --input=FILE --features=N --name=NAME --out=F
//
// The file may be compressed with bzip2, or a pipe.

#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/dataset_file.h"
#include "data/dataset_spec.h"
#include "data/libsvm_flags.h"
#include "data/synthetic.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(std::string, spec, "", "DatasetSpec in text form");
ABSL_FLAG(std::string, input, "", "the LIBSVM file");
ABSL_FLAG(bool, stand_in, false,
          "generate the spec's stand-in, since the official file could not be "
          "had");
ABSL_FLAG(std::string, out, "", "where to write the binary form");
ABSL_FLAG(bool, require_official, false, "refuse to generate a stand-in");
ABSL_FLAG(std::string, name, "", "without --spec: the data set's name");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Turns a LIBSVM file, or the stand-in of a data set, into the binary "
    "form that trainers map.",
    "--out=OUT.dataset [--spec=F.textproto] [--input=F | --stand_in] "
    "[--features=N] [--rows=N] [--name=NAME] [--positive_labels=A,B] "
    "[--negative_labels=A,B] [--require_official]"};

absl::Status ConvertFile(const LibsvmOptions& options, const std::string& name,
                         const std::string& out) {
  ASSIGN_OR_RETURN(const CsrMatrix matrix, ReadLibsvm(options));
  return WriteDataset(out, {name, false, ""}, matrix.view());
}

// What the command line asks for, in one way.
absl::Status CheckFlags() {
  const bool has_spec = !absl::GetFlag(FLAGS_spec).empty();
  const bool has_input = !absl::GetFlag(FLAGS_input).empty();
  const bool stand_in = absl::GetFlag(FLAGS_stand_in);
  if (has_input == stand_in) {
    return absl::InvalidArgumentError(
        "--input, --stand_in: give one of them");
  }
  if (stand_in && !has_spec) {
    return absl::InvalidArgumentError("--spec is required with --stand_in");
  }
  for (const char* flag :
       {"features", "rows", "name", "positive_labels", "negative_labels"}) {
    if (has_spec && IsGiven(flag)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--", flag, ": is the spec's; leave it out, or --spec"));
    }
  }
  if (!has_spec && !IsGiven("features")) {
    return absl::InvalidArgumentError("--features is required without --spec");
  }
  return absl::OkStatus();
}

absl::Status Run() {
  RETURN_IF_ERROR(CheckFlags());
  LibsvmOptions options = LibsvmOptionsFromFlags(absl::GetFlag(FLAGS_input));
  const std::string out = absl::GetFlag(FLAGS_out);
  if (absl::GetFlag(FLAGS_spec).empty()) {
    return ConvertFile(options, absl::GetFlag(FLAGS_name), out);
  }
  ASSIGN_OR_RETURN(const DatasetSpec spec,
                   ReadDatasetSpec(absl::GetFlag(FLAGS_spec)));
  if (!options.file.empty()) {
    options.features = spec.features();
    options.rows = spec.rows();
    options.positive_labels.assign(spec.positive_label().begin(),
                                   spec.positive_label().end());
    options.negative_labels.assign(spec.negative_label().begin(),
                                   spec.negative_label().end());
    options.positive_field = "positive_label";
    options.negative_field = "negative_label";
    return ConvertFile(options, spec.name(), out);
  }
  if (absl::GetFlag(FLAGS_require_official)) {
    return absl::FailedPreconditionError(absl::StrCat(
        spec.name(), ": the official file could not be had (its address stands "
        "in data/datasets.bzl), and --//data:require_official refuses a "
        "stand-in"));
  }
  if (!spec.has_synthetic()) {
    return absl::FailedPreconditionError(absl::StrCat(
        spec.name(), ": the official file could not be had (its address stands "
        "in data/datasets.bzl), and the spec has no `synthetic`, so nothing can "
        "stand in"));
  }
  return WriteDataset(
      out,
      {spec.name(), true,
       absl::StrCat("synthetic stand-in of the same shape; the official ",
                    spec.name(), " could not be had")},
      GenerateStandIn(spec).view());
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Run);
}
