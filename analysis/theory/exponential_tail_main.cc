// Appendix B for one exponential tail.
//
//   exponential_tail_main --features=100,1000 --tau=0.2 --out=A.pb,B.pb

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "analysis/theory/exponential_tail.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::vector<std::string>, features, {}, "d, one or more");
ABSL_FLAG(double, tau, 0.0, "of Assumption B.2, above 1 / d");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::vector<std::string>, out, {},
          "where to write the TailRecord of each");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Appendix B for one exponential tail.",
    "--features=N,N --tau=N --out=A.pb,B.pb [--target=LABEL]"};

absl::Status MakeTail() {
  TailOptions options;
  options.tau = absl::GetFlag(FLAGS_tau);
  const std::vector<std::string> paths = absl::GetFlag(FLAGS_out);
  std::vector<int64_t> features;
  for (const std::string& text : absl::GetFlag(FLAGS_features)) {
    features.push_back(0);
    if (!absl::SimpleAtoi(text, &features.back())) {
      return absl::InvalidArgumentError(
          absl::StrCat("--features: must be whole numbers, got ", text));
    }
  }
  if (features.empty() || features.size() != paths.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--out: must be one file for each of ", features.size(),
                     " --features, got ", paths.size()));
  }
  ASSIGN_OR_RETURN(std::vector<TailRecord> records,
                   ComputeTails(options, features));
  for (size_t i = 0; i < records.size(); ++i) {
    records[i].set_target(absl::GetFlag(FLAGS_target));
    RETURN_IF_ERROR(
        WriteFileAtomically(paths[i], SerializeDeterministically(records[i])));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::MakeTail);
}
