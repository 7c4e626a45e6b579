// Writes the run for LaTeX: numbers, tables and figures to \input.
//
//   latex_main --report=all_report.pb --figures=DIR/figure1.pdf,... --out=DIR
//
// Of a figure the .pdf is named, which is copied; .txt stands beside it.

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "paper_tables/report/latex.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, report, "", "RunReport");
ABSL_FLAG(std::vector<std::string>, figures, {}, "pictures, as PDF");
ABSL_FLAG(std::string, out, "", "the folder to write to");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Writes the run for LaTeX: numbers, tables and figures to \\input.",
    "--report=F --out=OUT_DIR [--figures=A.pdf,B.pdf]"};

absl::Status WriteLatex() {
  RunReport report;
  RETURN_IF_ERROR(ReadBinaryProto(absl::GetFlag(FLAGS_report), &report));
  const std::string out = absl::GetFlag(FLAGS_out);
  std::vector<LatexFigure> figures;
  std::vector<std::pair<std::string, std::string>> pictures;
  for (const std::string& path : absl::GetFlag(FLAGS_figures)) {
    const std::string base(absl::StripSuffix(path, ".pdf"));
    const std::string name = base.substr(base.rfind('/') + 1);
    ASSIGN_OR_RETURN(std::string text, ReadFile(base + ".txt"));
    ASSIGN_OR_RETURN(std::string pdf, ReadFile(path));
    figures.push_back({name, std::move(text)});
    pictures.emplace_back(name + ".pdf", std::move(pdf));
  }
  for (const auto& files : {MakeLatex(report, figures), pictures}) {
    for (const auto& [name, text] : files) {
      RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(out, "/", name), text));
    }
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::WriteLatex);
}
