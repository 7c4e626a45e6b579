#include "paper_tables/table.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "tools/base/wrap_words.h"

namespace anisograd {
namespace {

constexpr size_t kTextWidth = 100;
// Columns set to the left: they name the row.
constexpr size_t kLeftColumns = 2;

std::string Pad(const std::string& cell, size_t width, bool left) {
  const std::string blanks(width - std::min(width, TextWidth(cell)), ' ');
  return left ? cell + blanks : blanks + cell;
}

std::vector<size_t> ColumnWidths(const Table& table) {
  std::vector<size_t> widths;
  for (const std::string& cell : table.header) {
    widths.push_back(TextWidth(cell));
  }
  for (const Table::Group& group : table.groups) {
    for (const auto& row : group.rows) {
      // Whoever makes a table keeps to table.h; no input may lead here.
      if (row.size() != widths.size()) std::abort();
      for (size_t c = 0; c < row.size(); ++c) {
        widths[c] = std::max(widths[c], TextWidth(row[c]));
      }
    }
  }
  return widths;
}

// A paragraph, with its end.
std::string Wrapped(const std::string& text, size_t width) {
  return absl::StrJoin(WrapWords(text, width, 2), "\n") + "\n";
}

std::string TextRow(const std::vector<std::string>& row,
                    const std::vector<size_t>& widths, int gap) {
  std::vector<std::string> cells;
  for (size_t c = 0; c < row.size(); ++c) {
    cells.push_back(Pad(row[c], widths[c], c < kLeftColumns));
  }
  std::string line = absl::StrJoin(cells, std::string(gap, ' '));
  absl::StripTrailingAsciiWhitespace(&line);
  return line + "\n";
}

}  // namespace

std::string LatexEscape(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\\", "\\textbackslash{}"},
                                    {"&", "\\&"},
                                    {"%", "\\%"},
                                    {"#", "\\#"},
                                    {"_", "\\_"},
                                    {"{", "\\{"},
                                    {"}", "\\}"},
                                    {"~", "$\\sim$"},
                                    {"^", "\\textasciicircum{}"},
                                    {"|", "$|$"},
                                    {"<", "$<$"},
                                    {">", "$>$"},
                                    {"±", "$\\pm$"},
                                    {"≠", "$\\neq$"},
                                    {"∞", "$\\infty$"},
                                    {"₀", "$_0$"},
                                    {"₁", "$_1$"},
                                    {"₂", "$_2$"},
                                    {"·", "$\\cdot$"},
                                    {"×", "$\\times$"},
                                    {"≤", "$\\leq$"},
                                    {"≥", "$\\geq$"},
                                    {"√", "$\\sqrt{}$"},
                                    {"σ", "$\\sigma$"},
                                    {"Δ", "$\\Delta$"},
                                    {"∇", "$\\nabla$"},
                                    {"²", "$^2$"}});
}

std::string RenderText(const Table& table) {
  const std::vector<size_t> widths = ColumnWidths(table);
  size_t total = table.column_gap * (widths.size() - 1);
  for (const size_t w : widths) total += w;
  const std::string rule = std::string(total, '-') + "\n";
  std::string out = Wrapped(table.title, kTextWidth) + rule +
                    TextRow(table.header, widths, table.column_gap) + rule;
  for (const Table::Group& group : table.groups) {
    if (!group.title.empty()) out += Wrapped(group.title, total);
    for (const auto& row : group.rows) {
      out += TextRow(row, widths, table.column_gap);
    }
    out += rule;
  }
  for (const std::string& note : table.notes) out += Wrapped(note, kTextWidth);
  return out;
}

std::string RenderMarkdown(const Table& table) {
  const auto row = [](const std::vector<std::string>& cells) {
    std::vector<std::string> escaped;
    for (const std::string& cell : cells) {
      escaped.push_back(absl::StrReplaceAll(cell, {{"|", "\\|"}}));
    }
    return absl::StrCat("| ", absl::StrJoin(escaped, " | "), " |\n");
  };
  std::string out = absl::StrCat("### ", table.title, "\n\n", row(table.header));
  std::vector<std::string> alignment;
  for (size_t c = 0; c < table.header.size(); ++c) {
    alignment.push_back(c < kLeftColumns ? ":--" : "--:");
  }
  out += row(alignment);
  for (const Table::Group& group : table.groups) {
    if (!group.title.empty()) {
      std::vector<std::string> cells(table.header.size());
      cells[0] = absl::StrCat("*", group.title, "*");
      out += row(cells);
    }
    for (const auto& cells : group.rows) out += row(cells);
  }
  out += "\n";
  for (const std::string& note : table.notes) {
    absl::StrAppend(&out, "- ", note, "\n");
  }
  return out;
}

std::string RenderLatex(const Table& table) {
  const auto row = [](const std::vector<std::string>& cells) {
    std::vector<std::string> escaped;
    for (const std::string& cell : cells) escaped.push_back(LatexEscape(cell));
    return absl::StrCat(absl::StrJoin(escaped, " & "), " \\\\\n");
  };
  std::string columns;
  for (size_t c = 0; c < table.header.size(); ++c) {
    columns += c < kLeftColumns ? 'l' : 'r';
  }
  std::string out = absl::StrCat(
      "\\begin{table}\n\\centering\\small\n\\caption{",
      LatexEscape(table.title), "}\n\\label{tab:", table.id,
      "}\n\\begin{tabular}{", columns, "}\n\\toprule\n", row(table.header));
  for (const Table::Group& group : table.groups) {
    out += "\\midrule\n";
    if (!group.title.empty()) {
      absl::StrAppend(&out, "\\multicolumn{", table.header.size(),
                      "}{l}{\\emph{", LatexEscape(group.title), "}} \\\\\n");
    }
    for (const auto& cells : group.rows) out += row(cells);
  }
  out += "\\bottomrule\n\\end{tabular}\n";
  for (const std::string& note : table.notes) {
    absl::StrAppend(&out, "\\par\\footnotesize ", LatexEscape(note), "\n");
  }
  return out + "\\end{table}\n";
}

}  // namespace anisograd
