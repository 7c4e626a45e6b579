#include "paper_tables/run_report.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "analysis/provenance.h"
#include "tools/base/wrap_words.h"

namespace anisograd {
namespace {

constexpr int kLines = 24;
constexpr int kWidth = 100;
// Lines on what ran on what, of kLines.
constexpr size_t kGroups = 6;

RunReport::Table ToProto(const Table& table) {
  RunReport::Table out;
  out.set_id(table.id);
  out.set_title(table.title);
  for (const std::string& cell : table.header) out.add_header(cell);
  for (const Table::Group& group : table.groups) {
    RunReport::Table::Group* g = out.add_group();
    g->set_title(group.title);
    for (const auto& cells : group.rows) {
      auto* row = g->add_row();
      for (const std::string& cell : cells) row->add_cell(cell);
    }
  }
  for (const std::string& note : table.notes) out.add_note(note);
  return out;
}

RunReport::Row ToProto(const Row& row) {
  RunReport::Row out;
  out.set_table(row.table);
  out.set_dataset(row.dataset);
  out.set_method(row.method);
  out.set_setting(row.setting);
  out.set_quantity(row.quantity);
  if (row.published) out.set_published(*row.published);
  if (row.published_std) out.set_published_std(*row.published_std);
  if (row.reproduced) out.set_reproduced(*row.reproduced);
  if (row.spread) out.set_spread(*row.spread);
  out.set_verdict(VerdictName(row.verdict));
  out.set_scale_note(row.scale_note);
  out.set_target(row.target);
  out.set_data_digest(row.data_digest);
  out.set_spec_digest(row.spec_digest);
  out.set_recorded(row.recorded);
  out.set_reduced(row.reduced);
  return out;
}

// `text` cut to the width, at a blank and with an ellipsis where it is longer.
std::string Cut(const std::string& text, int width) {
  const std::vector<std::string> lines = WrapWords(text, width - 2);
  if (lines.empty()) return "";
  return lines.size() == 1 ? lines[0] : lines[0] + " …";
}

}  // namespace

std::string ClaimVerdictName(Claim::Verdict verdict) {
  switch (verdict) {
    case Claim::Verdict::kHolds: return "HOLDS";
    case Claim::Verdict::kFails: return "FAILS";
    case Claim::Verdict::kNotTested: return "NOT_TESTED";
  }
  return "";
}

RunReport MakeRunReport(absl::Span<const Claim> claims,
                        absl::Span<const Table> tables,
                        absl::Span<const Row> rows,
                        const Comparison& comparison) {
  RunReport report;
  for (const Claim& claim : claims) {
    RunReport::Claim* out = report.add_claim();
    out->set_name(claim.name);
    out->set_statement(claim.statement);
    out->set_verdict(ClaimVerdictName(claim.verdict));
    out->set_evidence(claim.AllEvidence());
  }
  for (const Table& table : tables) *report.add_table() = ToProto(table);
  for (const Row& row : rows) *report.add_row() = ToProto(row);
  report.set_recorded_numbers(comparison.numbers);
  report.set_recorded_equal(comparison.equal);
  return report;
}

std::vector<ScaleGroup> GroupByScale(const RunReport& report) {
  std::set<std::string> in_paper;
  for (const RunReport::Row& row : report.row()) {
    if (row.has_published() && !row.recorded()) in_paper.insert(row.dataset());
  }
  std::vector<ScaleGroup> groups = {{"", true, {}}, {"", false, {}}};
  for (const RunReport::Row& row : report.row()) {
    if (row.dataset().empty() || row.recorded()) continue;
    const bool plain = row.scale_note().empty();
    ScaleGroup* group = &groups[in_paper.count(row.dataset()) > 0 ? 0 : 1];
    if (!plain) {
      auto at = std::find_if(groups.begin(), groups.end(),
                             [&](const ScaleGroup& g) {
                               return g.note == row.scale_note();
                             });
      if (at == groups.end()) {
        at = groups.insert(at, ScaleGroup{row.scale_note(), true, {}});
      }
      group = &*at;
    }
    AddOnce(row.dataset(), &group->datasets);
  }
  groups.erase(std::remove_if(
                   groups.begin(), groups.end(),
                   [](const ScaleGroup& g) { return g.datasets.empty(); }),
               groups.end());
  return groups;
}

std::string RenderSummary(const RunReport& report) {
  std::vector<std::string> head = {
      "AdaGrad under Anisotropic Smoothness, reproduced", ""};
  const std::vector<ScaleGroup> groups = GroupByScale(report);
  for (size_t g = 0; g < groups.size(); ++g) {
    if (g + 1 == kGroups && groups.size() > kGroups) {
      head.push_back(absl::StrFormat("and %d more on other data or at another "
                                     "scale", groups.size() - g));
      break;
    }
    const ScaleGroup& group = groups[g];
    const std::string names = absl::StrJoin(group.datasets, ", ");
    head.push_back(
        Cut(!group.note.empty()
                ? absl::StrCat("NOT COMPARABLE: ", names, ": ", group.note)
            : group.in_paper
                ? absl::StrCat("official data, full scale: ", names)
                : absl::StrCat("not in the paper: ", names),
            kWidth));
  }
  head.push_back("");
  std::vector<std::string> counts;
  int published = 0;
  for (const char* verdict : {"MATCH", "CLOSE", "DIFFERS", "NOT_COMPARABLE"}) {
    const int count = static_cast<int>(std::count_if(
        report.row().begin(), report.row().end(),
        [&](const RunReport::Row& row) {
          return row.has_published() && !row.recorded() &&
                 row.verdict() == verdict;
        }));
    published += count;
    counts.push_back(absl::StrCat(count, " ", verdict));
  }
  head.push_back(absl::StrCat("Of ", published, " published numbers: ",
                              absl::StrJoin(counts, ", ")));
  std::vector<std::string> tail = {""};
  if (report.recorded_numbers() > 0) {
    tail.push_back(absl::StrFormat("Recorded run: %d of %d numbers equal it",
                                   report.recorded_equal(),
                                   report.recorded_numbers()));
  }
  tail.push_back(
      "Each number's origin, and figures: bazel run //paper_tables:report "
      "[-- --open]");

  // Claims that were tested first; what finds no room is counted.
  std::vector<std::string> claims;
  for (const char* verdict : {"HOLDS", "FAILS", "NOT_TESTED"}) {
    for (const RunReport::Claim& claim : report.claim()) {
      if (claim.verdict() != verdict) continue;
      claims.push_back(absl::StrFormat(
          "%-10s  %s", absl::StrReplaceAll(claim.verdict(), {{"_", " "}}),
          Cut(absl::StrCat(claim.statement(), ": ", claim.evidence()),
              kWidth - 12)));
    }
  }
  if (!claims.empty()) head.push_back("");
  const size_t room = kLines - std::min<size_t>(kLines - 1,
                                                head.size() + tail.size());
  if (claims.size() > room) {
    const size_t more = claims.size() - (room - 1);
    claims.resize(room - 1);
    claims.push_back(absl::StrFormat("%10s  and %d more claims below", "", more));
  }
  std::string text;
  for (const auto* part : {&head, &claims, &tail}) {
    for (const std::string& line : *part) absl::StrAppend(&text, line, "\n");
  }
  return text;
}

std::string RenderClaimLines(absl::Span<const Claim> claims) {
  std::string lines;
  for (const Claim& claim : claims) {
    absl::StrAppend(
        &lines, "claims,,,,", claim.name, ",,,,,",
        ClaimVerdictName(claim.verdict), ",\"",
        absl::StrReplaceAll(claim.AllEvidence(), {{"\"", "\"\""}}), "\",\n");
  }
  return lines;
}

}  // namespace anisograd
