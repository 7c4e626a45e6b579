// Says how a run differs from an older one.
//
//   diff [--markdown] [--allow] OLD.csv NEW.csv
//
// of two files all.csv. Ends with 1 where a verdict, a claim, a number beyond its
// spread or the list of numbers changed, unless --allow is given.

#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "paper_tables/diff/run_diff.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(bool, markdown, false, "for a pull request");
ABSL_FLAG(bool, allow, false, "changes are no error");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Says how a run of //paper_tables:all differs from an older one: OLD.csv and "
    "NEW.csv are two files all.csv.",
    "[--markdown] [--allow] FILE..."};

absl::Status Diff(const std::vector<std::string>& files) {
  if (files.size() != 2) {
    return absl::InvalidArgumentError("OLD.csv and NEW.csv are required");
  }
  std::vector<CsvNumber> runs[2];
  for (int i = 0; i < 2; ++i) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(files[i]));
    ASSIGN_OR_RETURN(runs[i], ParseRun(text, files[i]));
  }
  const RunDiff diff = DiffRuns(runs[0], runs[1]);
  std::fputs(RenderDiff(diff, absl::GetFlag(FLAGS_markdown)).c_str(), stdout);
  if (diff.empty() || absl::GetFlag(FLAGS_allow)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      diff.verdicts.size(), " verdicts and claims, ", diff.numbers.size(),
      " numbers and ", diff.lines.size(),
      " lines changed; --allow where they should"));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage, anisograd::Diff);
}
