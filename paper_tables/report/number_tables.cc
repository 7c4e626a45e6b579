#include "paper_tables/report/number_tables.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "analysis/convex.h"
#include "analysis/provenance.h"
#include "paper_tables/report/web.h"

namespace anisograd {
namespace {

using Row = RunReport::Row;

// What one HTML table holds: row numbers by line and column, both in the order of
// the report.
struct Layout {
  std::string title;
  std::vector<std::string> columns;
  struct Line {
    std::string dataset, method;
    bool recorded = false;
    std::map<std::string, int> cells;
  };
  std::vector<Line> lines;
  bool methods = false;
  bool published = false;

  void Add(const Row& row, int index, const std::string& column,
           const std::string& method) {
    AddOnce(column, &columns);
    if (!method.empty()) methods = true;
    if (row.has_published()) published = true;
    auto line = std::find_if(lines.begin(), lines.end(), [&](const Line& l) {
      return l.dataset == row.dataset() && l.method == method &&
             l.recorded == row.recorded() && l.cells.count(column) == 0;
    });
    if (line == lines.end()) {
      line = lines.insert(lines.end(),
                          {row.dataset(), method, row.recorded(), {}});
    }
    line->cells[column] = index;
  }
};

// The power of ten, a multiple of three, that a line's numbers are shown in: the
// largest published one, else the median, is then between 0.1 and 1000.
int Exponent(const std::vector<double>& published, std::vector<double> ours) {
  double size = 0.0;
  for (const double x : published) size = std::max(size, std::fabs(x));
  if (size == 0.0 && !ours.empty()) {
    std::sort(ours.begin(), ours.end());
    size = ours[ours.size() / 2];
  }
  if (size == 0.0 || (size >= 0.01 && size < 1e4)) return 0;
  return 3 * static_cast<int>(std::floor(std::log10(size) / 3.0 + 1.0 / 3.0));
}

// `x`, with as many digits behind the point as a number of the size of `of` has:
// two, fewer for large ones, more for small ones.
std::string Number(double x, int exponent, double of) {
  const double power = std::pow(10.0, -exponent);
  const double size = std::fabs(of * power);
  if (size >= 1e6) return absl::StrFormat("%.3g", x * power);
  const int digits = size >= 1000 ? 0
                     : size >= 100 ? 1
                     : size == 0.0 || size >= 0.1
                         ? 2
                         : std::min(8, 1 - static_cast<int>(
                                               std::floor(std::log10(size))));
  return absl::StrFormat("%.*f", digits, x * power);
}

std::string Superscript(int exponent) {
  return absl::StrReplaceAll(
      absl::StrCat(exponent),
      {{"-", "⁻"}, {"0", "⁰"}, {"1", "¹"}, {"2", "²"}, {"3", "³"}, {"4", "⁴"},
       {"5", "⁵"}, {"6", "⁶"}, {"7", "⁷"}, {"8", "⁸"}, {"9", "⁹"}});
}

struct Mark {
  const char* verdict;
  const char* mark;
  const char* word;
};
constexpr Mark kMarks[] = {{"MATCH", "=", "match"},
                           {"CLOSE", "~", "close"},
                           {"DIFFERS", "≠", "differs"},
                           {"NOT_COMPARABLE", "*", "not comparable"},
                           {"NOT_PUBLISHED", "", "not published"}};

std::string Cell(const Row& row, int index, int exponent) {
  const auto with_spread = [&](double x, bool has, double spread) {
    return absl::StrCat(
        "<b>", Number(x, exponent, x), "</b>",
        has ? absl::StrCat("±", Number(spread, exponent, x)) : "");
  };
  const Mark* mark = &kMarks[std::size(kMarks) - 1];
  for (const Mark& m : kMarks) {
    if (row.verdict() == m.verdict) mark = &m;
  }
  std::string html = absl::StrCat(
      "<td class=\"n v-", row.verdict(), "\"><button type=\"button\" data-row=\"",
      index, "\">",
      row.has_reproduced()
          ? with_spread(row.reproduced(), row.has_spread(), row.spread())
          : "<b>none</b>");
  if (*mark->mark != '\0') {
    absl::StrAppend(&html, "<i aria-hidden=\"true\">", mark->mark, "</i>");
  }
  absl::StrAppend(&html, "<span class=\"sr\">, ", mark->word, "</span>");
  if (row.has_published()) {
    absl::StrAppend(&html, "<small><span class=\"sr\">, </span>paper ",
                    Number(row.published(), exponent, row.published()),
                    row.has_published_std()
                        ? absl::StrCat("±", Number(row.published_std(), exponent,
                                                   row.published()))
                        : "",
                    "</small>");
  }
  return html + "</button></td>";
}

std::string Render(const RunReport& report, const std::string& table,
                   const Layout& grid) {
  std::string html = absl::StrCat(
      "<div class=\"scroll\"><table class=\"numbers\" data-table=\"",
      EscapeHtml(table), "\" data-lines=\"", grid.lines.size(),
      "\"><caption>", EscapeHtml(grid.title),
      "</caption><thead><tr><th scope=\"col\">data set</th>",
      grid.methods ? "<th scope=\"col\">method</th>" : "");
  for (const std::string& column : grid.columns) {
    absl::StrAppend(&html, "<th scope=\"col\" class=\"n\">", EscapeHtml(column),
                    "</th>");
  }
  html += "</tr></thead><tbody>\n";
  const std::string* before = nullptr;
  for (const Layout::Line& line : grid.lines) {
    // Of all lines of the data set, so that methods compare by eye.
    std::map<std::string, std::pair<std::vector<double>, std::vector<double>>>
        by_quantity;
    for (const Layout::Line& other : grid.lines) {
      if (other.dataset != line.dataset) continue;
      for (const auto& [column, index] : other.cells) {
        const Row& row = report.row(index);
        auto& [published, ours] = by_quantity[row.quantity()];
        if (row.has_published()) published.push_back(row.published());
        if (row.has_reproduced()) ours.push_back(row.reproduced());
      }
    }
    std::map<std::string, int> exponents;
    for (const auto& [quantity, numbers] : by_quantity) {
      exponents[quantity] = Exponent(numbers.first, numbers.second);
    }
    const bool one = exponents.size() == 1;
    const int shared = one ? exponents.begin()->second : 0;
    absl::StrAppend(
        &html, "<tr", before == nullptr || *before != line.dataset
                          ? " class=\"first\"" : "",
        " data-dataset=\"", EscapeHtml(line.dataset), "\" data-method=\"",
        EscapeHtml(line.method), "\"><th scope=\"row\">",
        line.dataset.empty() ? "all" : EscapeHtml(line.dataset),
        shared != 0 ? absl::StrCat(" <small>×10", Superscript(shared), "</small>")
                    : "",
        line.recorded && !grid.methods ? " <small>recorded</small>" : "",
        "</th>");
    before = &line.dataset;
    if (grid.methods) {
      absl::StrAppend(&html, "<th scope=\"row\">",
                      EscapeHtml(MethodTitle(line.method)),
                      line.recorded ? " <small>recorded</small>" : "", "</th>");
    }
    for (const std::string& column : grid.columns) {
      const auto cell = line.cells.find(column);
      if (cell == line.cells.end()) {
        html += "<td></td>";
        continue;
      }
      const Row& row = report.row(cell->second);
      std::string text = Cell(row, cell->second, exponents[row.quantity()]);
      if (!one && exponents[row.quantity()] != 0) {
        text = absl::StrReplaceAll(
            text, {{"</b>", absl::StrCat("</b> ×10",
                                         Superscript(exponents[row.quantity()]))}});
      }
      html += text;
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

}  // namespace

std::string SettingTitle(const std::string& setting) {
  return absl::StrReplaceAll(
      absl::StrReplaceAll(setting, {{"batch_size=", "M = "}}), {{"_", " "}});
}

std::string QuantityTitle(const std::string& quantity) {
  return absl::StrReplaceAll(quantity, {{"_", " "}});
}

std::string NumberTables(const RunReport& report, const std::string& table) {
  std::vector<Layout> grids;
  const auto grid_of = [&](const std::string& title) -> Layout& {
    for (Layout& grid : grids) {
      if (grid.title == title) return grid;
    }
    grids.emplace_back().title = title;
    return grids.back();
  };
  // With a method in some lines alone, the method belongs to the column.
  bool some = false, all = true;
  for (const Row& row : report.row()) {
    if (row.table() != table || !row.setting().empty()) continue;
    some = some || !row.method().empty();
    all = all && !row.method().empty();
  }
  int left = 0;
  for (int i = 0; i < report.row_size(); ++i) {
    const Row& row = report.row(i);
    if (row.table() != table) continue;
    const std::string quantity = QuantityTitle(row.quantity());
    if (row.setting().empty()) {
      const bool in_column = some && !all && !row.method().empty();
      grid_of("Of each data set")
          .Add(row, i,
               in_column
                   ? absl::StrCat(quantity, ", ", MethodTitle(row.method()))
                   : quantity,
               in_column ? "" : row.method());
    } else if (std::count(row.setting().begin(), row.setting().end(), '=') <= 1) {
      grid_of(quantity).Add(row, i, SettingTitle(row.setting()), row.method());
    } else {
      ++left;
    }
  }
  std::string html;
  for (size_t g = 0; g < grids.size(); ++g) {
    const std::string text = Render(report, table, grids[g]);
    if (g == 0 || grids[g].published) {
      html += text;
    } else {
      absl::StrAppend(&html, "<details><summary>", EscapeHtml(grids[g].title),
                      "</summary>", text, "</details>\n");
    }
  }
  if (left > 0) {
    absl::StrAppendFormat(
        &html,
        "<p class=\"quiet\">%d further numbers, of seeds and selected rates, "
        "stand in the origins of these cells and in all.csv.</p>\n",
        left);
  }
  return html;
}

std::string PrintedTable(const RunReport::Table& table) {
  int lines = 0;
  for (const auto& group : table.group()) lines += group.row_size();
  std::string html = absl::StrCat(
      "<div class=\"scroll\"><table class=\"printed\" data-printed=\"",
      EscapeHtml(table.id()), "\" data-lines=\"", lines, "\"><caption>",
      EscapeHtml(table.title()), "</caption><thead><tr>");
  for (const std::string& cell : table.header()) {
    absl::StrAppend(&html, "<th scope=\"col\">", EscapeHtml(cell), "</th>");
  }
  html += "</tr></thead>\n";
  for (const auto& group : table.group()) {
    html += "<tbody>";
    if (!group.title().empty()) {
      absl::StrAppend(&html, "<tr class=\"title\"><th scope=\"colgroup\" colspan=\"",
                      table.header_size(), "\">", EscapeHtml(group.title()),
                      "</th></tr>");
    }
    for (const auto& row : group.row()) {
      html += "<tr class=\"line\">";
      for (int c = 0; c < row.cell_size(); ++c) {
        absl::StrAppend(&html, c == 0 ? "<th scope=\"row\">" : "<td>",
                        EscapeHtml(row.cell(c)), c == 0 ? "</th>" : "</td>");
      }
      html += "</tr>\n";
    }
    html += "</tbody>";
  }
  return html + "</table></div>\n";
}

}  // namespace anisograd
