#include "paper_tables/report/page.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "analysis/convex.h"
#include "analysis/provenance.h"
#include "paper_tables/report/inline_svg.h"
#include "paper_tables/report/number_tables.h"
#include "paper_tables/report/web.h"
#include "paper_tables/run_report.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using nlohmann::json;

// The page's ground where the reader's scheme is dark: `--ground` of report.css.
constexpr char kDarkGround[] = "#14171b";

struct VerdictText {
  const char* name;
  const char* mark;
  const char* words;
};
constexpr VerdictText kVerdicts[] = {
    {"MATCH", "=", "match: within the stated tolerance"},
    {"CLOSE", "~", "close"},
    {"DIFFERS", "≠", "differs"},
    {"NOT_COMPARABLE", "*", "not comparable: stand-in data or reduced scale"},
    {"NOT_PUBLISHED", "", "not published: the paper has no such number"}};

bool HasRows(const RunReport& report, const std::string& table) {
  return std::any_of(report.row().begin(), report.row().end(),
                     [&](const auto& row) { return row.table() == table; });
}

std::string Section(const std::string& id, const std::string& title,
                    const std::string& content) {
  return absl::StrCat("<section id=\"", id, "\"><h2>", title, "</h2>\n", content,
                      "</section>\n");
}

std::string List(const std::vector<std::string>& items) {
  return absl::StrCat("<ul><li>", absl::StrJoin(items, "</li>\n<li>"),
                      "</li></ul>\n");
}

std::string WhatRan(const PageInputs& in) {
  std::vector<std::string> items;
  for (const ScaleGroup& group : GroupByScale(in.report)) {
    items.push_back(absl::StrCat(
        !group.note.empty() ? "<b>Not comparable:</b> "
        : group.in_paper    ? "<b>Official data, full scale:</b> "
                            : "<b>Not in the paper:</b> ",
        EscapeHtml(absl::StrJoin(group.datasets, ", ")),
        group.note.empty() ? "" : ": " + EscapeHtml(group.note)));
  }
  const auto beside = std::count_if(
      in.report.row().begin(), in.report.row().end(),
      [](const RunReport::Row& row) { return row.recorded(); });
  std::vector<std::string> devices;
  for (const Origin& origin : in.origins) {
    if (!origin.recorded_on.empty()) AddOnce(origin.recorded_on, &devices);
  }
  std::string recorded =
      devices.empty() ? "no result of GPT-2"
                      : "results of GPT-2 made on " + absl::StrJoin(devices, ", ");
  items.push_back(absl::StrCat(
      "<b>Recorded earlier:</b> ", EscapeHtml(recorded), "; ",
      beside == 0 ? "no number" : absl::StrCat(beside, " numbers"),
      " on official data beside a stand-in’s"));
  items.push_back(absl::StrFormat(
      "<b>The recorded run:</b> %d of %d numbers equal it to the last digit",
      in.report.recorded_equal(), in.report.recorded_numbers()));
  return List(items);
}

std::string VerdictCounts(const RunReport& report) {
  std::string html =
      "<table class=\"counts\" data-lines=\"5\"><caption>Verdicts</caption><thead>"
      "<tr><th scope=\"col\">verdict</th><th scope=\"col\" class=\"n\">published "
      "numbers</th><th scope=\"col\" class=\"n\">all numbers</th></tr></thead>"
      "<tbody>";
  for (const VerdictText& verdict : kVerdicts) {
    int all = 0, published = 0;
    for (const RunReport::Row& row : report.row()) {
      if (row.recorded() || row.verdict() != verdict.name) continue;
      ++all;
      if (row.has_published()) ++published;
    }
    absl::StrAppend(&html, "<tr><th scope=\"row\"><span class=\"chip v-",
                    verdict.name, "\"><i aria-hidden=\"true\">", verdict.mark,
                    "</i> ", verdict.words, "</span></th><td class=\"n\">",
                    published, "</td><td class=\"n\">", all, "</td></tr>");
  }
  return html + "</tbody></table>\n";
}

std::string Claims(const RunReport& report) {
  std::string html = absl::StrCat(
      "<div class=\"scroll\"><table class=\"claims\" data-lines=\"",
      report.claim_size(),
      "\"><caption>The paper’s claims, judged on official data at full scale"
      "</caption><thead><tr><th scope=\"col\">verdict</th><th scope=\"col\">claim"
      "</th><th scope=\"col\">evidence</th></tr></thead><tbody>");
  for (const RunReport::Claim& claim : report.claim()) {
    const char* mark = claim.verdict() == "HOLDS"   ? "✓"
                       : claim.verdict() == "FAILS" ? "✗" : "?";
    absl::StrAppend(
        &html, "<tr id=\"claim-", EscapeHtml(claim.name()),
        "\"><td><span class=\"chip c-", claim.verdict(),
        "\"><i aria-hidden=\"true\">", mark, "</i> ",
        absl::StrReplaceAll(claim.verdict(), {{"_", " "}}),
        "</span></td><th scope=\"row\">", EscapeHtml(claim.statement()),
        "</th><td>", EscapeHtml(claim.evidence()), "</td></tr>\n");
  }
  return html + "</tbody></table></div>\n";
}

std::string Checkboxes(const std::string& group, const std::string& legend,
                       const std::vector<std::pair<std::string, std::string>>&
                           values) {
  std::string html = absl::StrCat("<fieldset data-group=\"", group,
                                  "\"><legend>", legend, "</legend>");
  for (const auto& [value, words] : values) {
    absl::StrAppend(&html, "<label><input type=\"checkbox\" value=\"",
                    EscapeHtml(value), "\" checked> ", EscapeHtml(words),
                    "</label>\n");
  }
  return html + "</fieldset>\n";
}

std::string Filters(const RunReport& report) {
  std::vector<std::pair<std::string, std::string>> verdicts, datasets, methods;
  for (const VerdictText& verdict : kVerdicts) {
    verdicts.emplace_back(
        verdict.name,
        absl::AsciiStrToLower(absl::StrReplaceAll(verdict.name, {{"_", " "}})));
  }
  for (const RunReport::Row& row : report.row()) {
    if (!row.dataset().empty()) {
      AddOnce(std::make_pair(row.dataset(), row.dataset()), &datasets);
    }
    if (!row.method().empty()) {
      AddOnce(std::make_pair(row.method(), MethodTitle(row.method())), &methods);
    }
  }
  return absl::StrCat(
      "<form id=\"filters\" aria-label=\"Filters of the tables\">",
      Checkboxes("verdict", "verdicts", verdicts),
      Checkboxes("dataset", "data sets", datasets),
      Checkboxes("method", "methods", methods),
      "<p><button type=\"reset\">Reset</button> <span id=\"shown\" "
      "role=\"status\"></span></p></form>\n");
}

std::string Tables(const RunReport& report) {
  std::string html;
  for (const RunReport::Table& table : report.table()) {
    if (table.id() == "claims") continue;
    absl::StrAppend(&html, "<section class=\"table\" id=\"table-",
                    EscapeHtml(table.id()), "\"><h3>",
                    EscapeHtml(table.title()), "</h3>\n");
    if (HasRows(report, table.id())) {
      absl::StrAppend(&html, NumberTables(report, table.id()),
                      "<details><summary>As it is printed in the terminal"
                      "</summary>",
                      PrintedTable(table), "</details>\n");
    } else {
      html += PrintedTable(table);
    }
    std::vector<std::string> notes;
    for (const std::string& note : table.note()) notes.push_back(EscapeHtml(note));
    if (!notes.empty()) {
      absl::StrAppend(&html, "<details class=\"notes\"",
                      HasRows(report, table.id()) ? "" : " open",
                      "><summary>Notes</summary>", List(notes), "</details>\n");
    }
    html += "</section>\n";
  }
  return html;
}

struct FigureHtml {
  std::string html;
  // Each CSV once, with the names of the figures that are drawn from it.
  std::string csv_blocks;
  json list = json::array();
  std::set<std::string> colours;
};

absl::StatusOr<FigureHtml> Figures(const std::vector<PageFigure>& figures) {
  FigureHtml out;
  std::map<std::string, std::string> block_of;
  std::string last_kind;
  for (const PageFigure& figure : figures) {
    std::vector<std::string> lines =
        absl::StrSplit(figure.text, '\n', absl::SkipEmpty());
    if (lines.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(figure.name, ".txt: has no title"));
    }
    if (figure.csv.find('<') != std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat(figure.name, ".csv: has a <, which no script block may"));
    }
    const std::string title = lines[0];
    ASSIGN_OR_RETURN(const std::string svg,
                     InlineSvg(figure.svg, figure.name, title, &out.colours));
    const auto [block, is_new] = block_of.emplace(figure.csv, figure.name);
    if (is_new) {
      absl::StrAppend(&out.csv_blocks, "<script type=\"text/csv\" id=\"csv-",
                      figure.name, "\">", figure.csv, "</script>\n");
    }
    out.list.push_back({{"name", figure.name},
                        {"title", title},
                        {"csv", block->second}});
    std::vector<std::string> words;
    for (size_t i = 1; i < lines.size(); ++i) {
      words.push_back(absl::StrCat("<p>", EscapeHtml(lines[i]), "</p>"));
    }
    // Figures of one kind, one a data set ("a9a_rates"), stand together, closed
    // but for the first.
    const size_t underscore = figure.name.rfind('_');
    const std::string kind = underscore == std::string::npos
                                 ? figure.name : figure.name.substr(underscore);
    const bool open = kind != last_kind;
    last_kind = kind;
    absl::StrAppend(
        &out.html, "<details class=\"figure\" id=\"figure-", figure.name, "\"",
        open ? " open" : "", "><summary><h3>", EscapeHtml(title),
        "</h3></summary><figure><div class=\"picture\">", svg,
        "</div><figcaption>", absl::StrJoin(words, ""),
        "<p>",
        // The page stays under 5 MB; a large PDF is beside the figure's target.
        figure.pdf.size() > 60000
            ? absl::StrCat("PDF: bazel build //figures:", figure.name)
            : absl::StrCat("<a download=\"", figure.name,
                           ".pdf\" href=\"data:application/pdf;base64,",
                           Base64(figure.pdf), "\">PDF</a>"),
        " <a class=\"csv\" download=\"", figure.name,
        ".csv\" href=\"#figure-", figure.name, "\" data-csv=\"",
        block->second, "\">CSV</a></p></figcaption></figure></details>\n");
  }
  return out;
}

std::string Provenance(const PageInputs& in) {
  std::string html =
      "<div class=\"scroll\"><table class=\"inputs\"><caption>Inputs</caption>"
      "<thead><tr><th scope=\"col\">what</th><th scope=\"col\">SHA-256</th>"
      "<th scope=\"col\">remark</th></tr></thead><tbody>";
  const auto line = [&](const std::string& what, const std::string& digest,
                        const std::string& remark) {
    absl::StrAppend(&html, "<tr><th scope=\"row\">", EscapeHtml(what),
                    "</th><td><code>", EscapeHtml(digest), "</code></td><td>",
                    EscapeHtml(remark), "</td></tr>\n");
  };
  std::vector<std::string> seen;
  int recorded = 0;
  for (const Origin& origin : in.origins) {
    if (!origin.recorded_on.empty()) ++recorded;
    if (std::find(seen.begin(), seen.end(), origin.data_digest) != seen.end()) {
      continue;
    }
    seen.push_back(origin.data_digest);
    line("data set " + origin.dataset, origin.data_digest,
         origin.data_note.empty() ? "the payload of its binary form"
                                  : origin.data_note);
  }
  for (const auto& [name, digest] : in.inputs) line(name, digest, "");
  html += "</tbody></table></div>\n<ul>";
  absl::StrAppend(
      &html, "<li>", in.origins.size() - recorded,
      " results were computed by this tree’s own actions, ", recorded,
      " are recorded from another machine. Whether Bazel ran an action or took "
      "its bytes from a cache cannot be told from them: the same inputs give the "
      "same bytes, and this page too.</li><li>Compiled by GCC " __VERSION__
      " for x86-64-v3.</li></ul>\n<details><summary>The machine’s tools"
      "</summary><pre>",
      EscapeHtml(in.versions), "</pre></details>\n");
  return html;
}

json Data(const PageInputs& in, const json& figures) {
  json rows = json::array();
  std::vector<std::string> texts = {""};
  const auto text = [&](const std::string& value) {
    AddOnce(value, &texts);
    return std::find(texts.begin(), texts.end(), value) - texts.begin();
  };
  for (const RunReport::Row& row : in.report.row()) {
    const auto number = [](bool has, double x) { return has ? json(x) : json(); };
    rows.push_back({row.table(), row.dataset(), row.method(), row.setting(),
                    row.quantity(),
                    number(row.has_published(), row.published()),
                    number(row.has_published_std(), row.published_std()),
                    number(row.has_reproduced(), row.reproduced()),
                    number(row.has_spread(), row.spread()), row.verdict(),
                    text(row.scale_note()), text(row.target()),
                    row.recorded() ? 1 : 0});
  }
  // What many origins share, such as a family's readings, stands once.
  json origins = json::object(), shared = json::array();
  std::map<std::string, size_t> place;
  for (const Origin& origin : in.origins) {
    json& o = origins[origin.target] = origin.json;
    for (const char* key : {"data", "readings"}) {
      if (!o.contains(key)) continue;
      const auto at = place.emplace(o[key].dump(), shared.size());
      if (at.second) shared.push_back(o[key]);
      o[key] = at.first->second;
    }
  }
  json styles = json::object();
  for (const auto line : absl::StrSplit(in.methods_csv, '\n')) {
    const std::vector<std::string> f = absl::StrSplit(line, ',');
    if (f.size() == 4 && f[0] != "method") styles[f[0]] = {f[1], f[2]};
  }
  return {{"rows", rows},       {"texts", texts},     {"origins", origins}, {"shared", shared},
          {"figures", figures}, {"methods", styles}};
}

}  // namespace

absl::StatusOr<std::string> RenderPage(const PageInputs& in) {
  ASSIGN_OR_RETURN(FigureHtml figures, Figures(in.figures));
  // The explorable panel draws in the methods' colours.
  for (const auto line : absl::StrSplit(in.methods_csv, '\n')) {
    const std::vector<std::string> f = absl::StrSplit(line, ',');
    if (f.size() == 4 && absl::StartsWith(f[1], "#")) {
      figures.colours.insert(absl::AsciiStrToLower(f[1].substr(1)));
    }
  }
  const std::string css = in.css + ColourCss(figures.colours, kDarkGround);
  std::string numbers = in.numbers_csv;
  if (absl::StrContains(absl::AsciiStrToLower(numbers), "</script") ||
      absl::StrContains(numbers, "<!--")) {
    return absl::InvalidArgumentError("all.csv: would end its script block");
  }
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
      "'none'; script-src '", CspHash(in.script), "'; style-src '", CspHash(css),
      "'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>AdaGrad under Anisotropic Smoothness, reproduced</title>\n<style>",
      css, "</style></head>\n<body>\n"
      "<a class=\"skip\" href=\"#tables\">To the tables</a>\n"
      "<header><h1>AdaGrad under Anisotropic Smoothness, reproduced</h1>\n"
      "<nav aria-label=\"Parts\"><a href=\"#summary\">Summary</a> "
      "<a href=\"#tables\">Tables</a> <a href=\"#explore\">Explore</a> "
      "<a href=\"#figures\">Figures</a> <a href=\"#provenance\">Provenance</a> "
      "<a class=\"csv\" download=\"all.csv\" href=\"#tables\" data-csv=\"all\">"
      "all.csv</a></nav></header>\n<main>\n",
      Section("summary", "Summary",
              absl::StrCat("<div class=\"two\"><div>", WhatRan(in), "</div>",
                           VerdictCounts(in.report), "</div>",
                           Claims(in.report))),
      Section("tables", "Tables",
              absl::StrCat(
                  "<p>Each cell has the reproduced number with its deviation over "
                  "seeds, and the published one below. Marks: = match, ~ close, "
                  "≠ differs, * not comparable. A cell opens its origin.</p>\n",
                  Filters(in.report), Tables(in.report))),
      Section("explore", "Explore",
              "<form id=\"explorer\" aria-label=\"What is drawn\"></form>\n"
              "<p class=\"quiet\">Hover a curve, or focus a picture and move with "
              "the arrow keys: left and right along a curve, up and down between "
              "curves.</p><p id=\"value\" role=\"status\"></p>\n"
              "<div id=\"charts\"></div>\n"
              "<noscript><p>Needs the page’s own script.</p></noscript>\n"),
      Section("figures", "Figures", figures.html),
      Section("provenance", "Provenance", Provenance(in)),
      "</main>\n<dialog id=\"origin\" aria-labelledby=\"origin-title\"></dialog>\n",
      figures.csv_blocks, "<script type=\"text/csv\" id=\"csv-all\">", numbers,
      "</script>\n<script type=\"application/json\" id=\"data\">",
      EscapeScriptJson(Data(in, figures.list).dump(
          -1, ' ', false, json::error_handler_t::replace)),
      "</script>\n<script>", in.script, "</script>\n</body></html>\n");
}

}  // namespace anisograd
