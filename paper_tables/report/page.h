#ifndef PAPER_TABLES_REPORT_PAGE_H_
#define PAPER_TABLES_REPORT_PAGE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "paper_tables/report/origins.h"
#include "paper_tables/run_report.pb.h"

namespace anisograd {

// A figure's files, by figures/paper_figure.bzl.
struct PageFigure {
  std::string name;
  // Title, caption and notes, a line each.
  std::string text;
  std::string svg, pdf, csv;
};

struct PageInputs {
  RunReport report;
  std::vector<Origin> origins;
  // In the order of the page.
  std::vector<PageFigure> figures;
  // all.csv, to be saved.
  std::string numbers_csv;
  // figures/methods.csv: colours and dashes.
  std::string methods_csv;
  std::string css, script;
  // Files that the tables were made from, and their SHA-256.
  std::vector<std::pair<std::string, std::string>> inputs;
  // Lines on the tools: compilers, gnuplot and what it draws with.
  std::string versions;
};

// The page: HTML that holds everything, asks for nothing from anywhere, and lets
// only its own script and style run (content-security policy by hashes).
// InvalidArgument names the figure that is no gnuplot picture or no plot data.
absl::StatusOr<std::string> RenderPage(const PageInputs& inputs);

}  // namespace anisograd

#endif  // PAPER_TABLES_REPORT_PAGE_H_
