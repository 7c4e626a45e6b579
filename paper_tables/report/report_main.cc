// Writes the run as one page of HTML.
//
//   report_main --report=all_report.pb --numbers=all.csv --results=A.pb,...
//       --figures=DIR/figure1.svg,... --out=report.html
//
// Of a figure the .svg is named; .pdf, .csv and .txt stand beside it.

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "paper_tables/report/page.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, report, "", "RunReport");
ABSL_FLAG(std::string, numbers, "", "all.csv");
ABSL_FLAG(std::vector<std::string>, results, {}, "ExperimentResults");
ABSL_FLAG(std::vector<std::string>, constants, {}, "ConstantsResults");
ABSL_FLAG(std::vector<std::string>, fine_tuning, {}, "Gpt2Results");
ABSL_FLAG(std::vector<std::string>, smoothness, {}, "Gpt2SmoothnessResults");
ABSL_FLAG(std::vector<std::string>, figures, {}, "pictures, as SVG");
ABSL_FLAG(std::string, methods, "", "methods.csv, their colours");
ABSL_FLAG(std::vector<std::string>, inputs, {}, "further inputs of the tables");
ABSL_FLAG(std::vector<std::string>, versions, {}, "lists of tools' versions");
ABSL_FLAG(std::string, css, "", "the page's style");
ABSL_FLAG(std::string, script, "", "the page's script");
ABSL_FLAG(std::string, out, "", "where to write the page");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Writes the run as one page of HTML.",
    "--report=F --numbers=F --methods=F --css=F --script=F "
    "--out=OUT.html [--results=A.pb,B.pb] [--constants=A.pb,B.pb] "
    "[--fine_tuning=A.pb,B.pb] [--smoothness=A.pb,B.pb] [--figures=A.svg,B.svg] "
    "[--inputs=A,B] [--versions=A,B]"};

template <typename Result>
absl::Status AddOrigins(const std::vector<std::string>& paths,
                        std::vector<Origin>* origins) {
  for (const std::string& path : paths) {
    Result result;
    RETURN_IF_ERROR(ReadBinaryProto(path, &result));
    origins->push_back(MakeOrigin(result));
  }
  return absl::OkStatus();
}

absl::Status WritePage() {
  PageInputs in;
  RETURN_IF_ERROR(ReadBinaryProto(absl::GetFlag(FLAGS_report), &in.report));
  RETURN_IF_ERROR(AddOrigins<ExperimentResult>(absl::GetFlag(FLAGS_results),
                                               &in.origins));
  RETURN_IF_ERROR(AddOrigins<ConstantsResult>(absl::GetFlag(FLAGS_constants),
                                              &in.origins));
  RETURN_IF_ERROR(
      AddOrigins<Gpt2Result>(absl::GetFlag(FLAGS_fine_tuning), &in.origins));
  RETURN_IF_ERROR(AddOrigins<Gpt2SmoothnessResult>(
      absl::GetFlag(FLAGS_smoothness), &in.origins));
  for (const std::string& path : absl::GetFlag(FLAGS_figures)) {
    const std::string base(absl::StripSuffix(path, ".svg"));
    PageFigure figure;
    figure.name = base.substr(base.rfind('/') + 1);
    ASSIGN_OR_RETURN(figure.svg, ReadFile(path));
    ASSIGN_OR_RETURN(figure.pdf, ReadFile(base + ".pdf"));
    ASSIGN_OR_RETURN(figure.csv, ReadFile(base + ".csv"));
    ASSIGN_OR_RETURN(figure.text, ReadFile(base + ".txt"));
    in.figures.push_back(std::move(figure));
  }
  for (const std::string& path : absl::GetFlag(FLAGS_inputs)) {
    ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
    in.inputs.emplace_back(path.substr(path.rfind('/') + 1), Sha256Hex(bytes));
  }
  ASSIGN_OR_RETURN(in.numbers_csv, ReadFile(absl::GetFlag(FLAGS_numbers)));
  ASSIGN_OR_RETURN(in.methods_csv, ReadFile(absl::GetFlag(FLAGS_methods)));
  for (const std::string& path : absl::GetFlag(FLAGS_versions)) {
    ASSIGN_OR_RETURN(const std::string versions, ReadFile(path));
    in.versions += versions;
  }
  ASSIGN_OR_RETURN(in.css, ReadFile(absl::GetFlag(FLAGS_css)));
  ASSIGN_OR_RETURN(in.script, ReadFile(absl::GetFlag(FLAGS_script)));
  ASSIGN_OR_RETURN(const std::string page, RenderPage(in));
  return WriteFileAtomically(absl::GetFlag(FLAGS_out), page);
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::WritePage);
}
