#include "paper_tables/report/latex.h"

#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "paper_tables/table.h"

namespace anisograd {
namespace {

constexpr char kHead[] = R"(% Made by //paper_tables:latex. What is here: paper_tables/report/latex.h.
\RequirePackage{siunitx}
\makeatletter
\providecommand\AnisogradSet[3]{\expandafter\gdef\csname AG@#2@#1\endcsname{#3}}
\ExplSyntaxOn
\cs_if_exist:cF { AG@get }
  {
    \msg_new:nnn { anisograd } { unknown } { There~is~no~#1~of~"#2". }
    \cs_new:cpn { AG@get } #1#2
      {
        \cs_if_exist:cTF { AG@#1@#2 }
          { \use:c { AG@#1@#2 } }
          { \msg_expandable_error:nnnn { anisograd } { unknown } {#1} {#2} }
      }
  }
\ExplSyntaxOff
\def\AG#1{\AG@get{value}{#1}}
\def\AGpm#1{\AG@get{pm}{#1}}
\def\AGpub#1{\AG@get{pub}{#1}}
\def\AGpubpm#1{\AG@get{pubpm}{#1}}
\def\AGverdict#1{\AG@get{verdict}{#1}}
\DeclareRobustCommand\AGnum[2][]{%
  \edef\AG@number{\AG{#2}}\expandafter\AG@num\expandafter{\AG@number}{#1}}
\def\AG@num#1#2{\num[#2]{#1}}
\makeatother
)";

// The shortest decimal that is the same double.
std::string Exact(double x) {
  for (int digits = 6; digits < 17; ++digits) {
    const std::string text = absl::StrFormat("%.*g", digits, x);
    double read = 0.0;
    if (absl::SimpleAtod(text, &read) && read == x) return text;
  }
  return absl::StrFormat("%.17g", x);
}

std::string Setting(const std::string& setting) {
  return absl::StrReplaceAll(setting, {{"batch_size=", "m"}, {" ", "/"}});
}

std::string Numbers(const RunReport& report) {
  std::string text = kHead;
  std::set<std::string> used;
  const auto set = [&](const std::string& key, absl::string_view field,
                       const std::string& value) {
    absl::StrAppend(&text, "\\AnisogradSet{", key, "}{", field, "}{", value,
                    "}\n");
  };
  for (const RunReport::Row& row : report.row()) {
    std::vector<std::string> parts;
    for (const std::string& part :
         {row.table(), row.dataset(), row.method(), Setting(row.setting())}) {
      if (!part.empty()) parts.push_back(part);
    }
    const std::string prefix = absl::StrJoin(parts, "/");
    const std::string end = row.recorded() ? "/recorded" : "";
    std::vector<std::string> keys = {
        absl::StrCat(prefix, "/", row.quantity(), end)};
    if (!row.setting().empty()) keys.push_back(prefix + end);
    for (const std::string& key : keys) {
      if (!used.insert(key).second) continue;
      if (row.has_reproduced()) set(key, "value", Exact(row.reproduced()));
      if (row.has_spread()) set(key, "pm", Exact(row.spread()));
      if (row.has_published()) set(key, "pub", Exact(row.published()));
      if (row.has_published_std()) {
        set(key, "pubpm", Exact(row.published_std()));
      }
      // Plain words, so that comparisons need no escapes.
      set(key, "verdict", absl::StrReplaceAll(row.verdict(), {{"_", " "}}));
    }
  }
  for (const RunReport::Claim& claim : report.claim()) {
    set("claims/" + claim.name(), "verdict",
        absl::StrReplaceAll(claim.verdict(), {{"_", " "}}));
  }
  return text;
}

Table FromProto(const RunReport::Table& table) {
  Table out;
  out.id = table.id();
  out.title = table.title();
  out.header.assign(table.header().begin(), table.header().end());
  for (const auto& group : table.group()) {
    Table::Group& g = out.groups.emplace_back();
    g.title = group.title();
    for (const auto& row : group.row()) {
      g.rows.emplace_back(row.cell().begin(), row.cell().end());
    }
  }
  out.notes.assign(table.note().begin(), table.note().end());
  return out;
}

}  // namespace

TexFiles MakeLatex(const RunReport& report,
                   const std::vector<LatexFigure>& figures) {
  TexFiles files = {{"numbers.tex", Numbers(report)}};
  for (const RunReport::Table& table : report.table()) {
    files.emplace_back(absl::StrCat("table_", table.id(), ".tex"),
                       RenderLatex(FromProto(table)));
  }
  for (const LatexFigure& figure : figures) {
    std::vector<std::string> lines =
        absl::StrSplit(figure.text, '\n', absl::SkipEmpty());
    const std::string title = lines.empty() ? figure.name : lines[0];
    if (!lines.empty()) lines.erase(lines.begin());
    // A short caption for lists of figures, which are one line.
    files.emplace_back(
        absl::StrCat("figure_", figure.name, ".tex"),
        absl::StrCat("\\providecommand\\AGpath{}\n\\begin{figure}\n\\centering\n"
                     "\\includegraphics[width=\\linewidth]{\\AGpath ",
                     figure.name, ".pdf}\n\\caption[", LatexEscape(title), "]{",
                     LatexEscape(title), ". ",
                     LatexEscape(absl::StrJoin(lines, " ")), "}\n\\label{fig:",
                     figure.name, "}\n\\end{figure}\n"));
  }
  return files;
}

}  // namespace anisograd
