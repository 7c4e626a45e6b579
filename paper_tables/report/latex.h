#ifndef PAPER_TABLES_REPORT_LATEX_H_
#define PAPER_TABLES_REPORT_LATEX_H_

#include <string>
#include <utility>
#include <vector>

#include "paper_tables/run_report.pb.h"

namespace anisograd {

// The run for papers: files to \input, by name.
//
//   numbers.tex     every number, as \AG{KEY} and the like, below
//   table_ID.tex    each table, a float with caption and label tab:ID; needs the
//                   packages booktabs and amssymb
//   figure_NAME.tex a figure with caption and label fig:NAME; needs graphicx, and
//                   \AGpath before it where the PDFs lie in another folder
//
// KEY is the columns of all.csv that are not empty, with slashes between them:
// "table2/a4a/diameter_linf", "table3/a9a/adagrad/m64/suboptimality"; of a setting
// "batch_size=64" is "m64" and a blank a slash. Where there is a setting the first
// quantity of a table needs no name: "table3/a9a/adagrad/m64". A recorded number
// ends in "/recorded"; a claim is "claims/NAME", which has a verdict alone.
//   \AG{KEY}         the reproduced number, all of its digits
//   \AGpm{KEY}       its deviation over seeds
//   \AGpub{KEY}      the published number; \AGpubpm{KEY} its deviation
//   \AGverdict{KEY}  MATCH, ...
//   \AGnum[OPTIONS]{KEY}  \num[OPTIONS] of the number: siunitx rounds it
// All but \AGnum are expandable: they stand in captions, comparisons and other
// macros' arguments. A key or a field that is not there is an error.
//
// Each field is set by \AnisogradSet{KEY}{FIELD}{VALUE}, which a document may
// define before it reads the file, to do something else with all numbers.
using TexFiles = std::vector<std::pair<std::string, std::string>>;

struct LatexFigure {
  std::string name;
  // Title, caption and notes, a line each.
  std::string text;
};

TexFiles MakeLatex(const RunReport& report,
                   const std::vector<LatexFigure>& figures);

}  // namespace anisograd

#endif  // PAPER_TABLES_REPORT_LATEX_H_
