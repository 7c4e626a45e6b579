// Turns a LIBSVM file into the binary form that trainers map.
//
//   convert_dataset --spec=a9a.textproto --input=a9a --out=a9a.dataset
//   convert_dataset --spec=rcv1.textproto --out=rcv1.dataset      (a stand-in)
//   convert_dataset --input=FILE --features=N --name=NAME --out=F

#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/bzip2.h"
#include "data/dataset_file.h"
#include "data/dataset_spec.h"
#include "data/libsvm.h"
#include "data/synthetic.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(std::string, spec, "", "DatasetSpec in text form");
ABSL_FLAG(std::string, input, "",
          "the LIBSVM file; without it the spec's stand-in is generated");
ABSL_FLAG(std::string, out, "", "where to write the binary form");
ABSL_FLAG(bool, require_official, false, "refuse to generate a stand-in");
ABSL_FLAG(std::string, name, "", "without --spec: the data set's name");
ABSL_FLAG(int64_t, features, 0, "without --spec: declared features");
ABSL_FLAG(std::string, positive_labels, "+1,1", "without --spec: y = +1");
ABSL_FLAG(std::string, negative_labels, "-1", "without --spec: y = -1");

namespace anisograd {
namespace {

absl::Status ConvertFile(const LibsvmOptions& options, bool bzip2,
                         const std::string& name, const std::string& out) {
  ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(options.file));
  std::string decompressed;
  absl::string_view text = file.view();
  if (bzip2) {
    ASSIGN_OR_RETURN(decompressed, DecompressBzip2(text, options.file));
    text = decompressed;
  }
  ASSIGN_OR_RETURN(const CsrMatrix matrix, ParseLibsvm(text, options));
  return WriteDataset(out, {name, false, ""}, matrix.view());
}

absl::Status Run() {
  LibsvmOptions options;
  options.file = absl::GetFlag(FLAGS_input);
  const std::string out = absl::GetFlag(FLAGS_out);
  if (absl::GetFlag(FLAGS_spec).empty()) {
    options.features = absl::GetFlag(FLAGS_features);
    options.positive_labels =
        absl::StrSplit(absl::GetFlag(FLAGS_positive_labels), ',');
    options.negative_labels =
        absl::StrSplit(absl::GetFlag(FLAGS_negative_labels), ',');
    return ConvertFile(options, false, absl::GetFlag(FLAGS_name), out);
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
    return ConvertFile(options, spec.compression() == DatasetSpec::BZIP2,
                       spec.name(), out);
  }
  if (absl::GetFlag(FLAGS_require_official)) {
    return absl::FailedPreconditionError(absl::StrCat(
        spec.name(), ": the official file could not be had (its address stands "
        "in data/datasets.bzl), and --//data:require_official refuses a "
        "stand-in"));
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
  absl::ParseCommandLine(argc, argv);
  return anisograd::ExitCode(anisograd::Run());
}
