#include "paper_tables/run/report_tables.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "analysis/convex.h"
#include "analysis/problem_constants.h"
#include "analysis/provenance.h"
#include "analysis/readings.h"
#include "paper_tables/beyond/beyond_tables.h"
#include "paper_tables/beyond/theory_tables.h"
#include "paper_tables/convex_tables.h"
#include "paper_tables/fine_tuning_table.h"
#include "paper_tables/general_rule_table.h"
#include "paper_tables/run_report.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Claims on fresh seeds, and by reading; nothing where no seeds are fresh.
absl::Status AddFreshTables(absl::Span<const FamilyRuns> families,
                            std::vector<RenderedTable>* tables) {
  std::vector<ConvexQuantities> fresh;
  std::vector<std::string> exploded;
  for (const FamilyRuns& family : families) {
    const auto cells = ApplyReading(Reading::Kind::kNoRule, family.fresh);
    if (!cells || cells->empty()) continue;
    ASSIGN_OR_RETURN(fresh.emplace_back(),
                     ComputeConvexQuantities(*cells, family.constants));
    for (const ExperimentResult& cell : family.fresh) {
      if (cell.exploded_runs() == 0) continue;
      exploded.push_back(absl::StrFormat(
          "%s %s at M = %d (%d of %d)", cell.dataset().name(),
          MethodTitle(cell.spec().method(0).name()), cell.spec().batch_size(0),
          cell.exploded_runs(), cell.run_size()));
    }
  }
  if (fresh.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(tables->emplace_back(), MakeConfidenceTable(fresh, exploded));
  ASSIGN_OR_RETURN(const std::vector<ReadingClaims> readings,
                   CheckReadings(families));
  tables->push_back(MakeReadingsTable(readings));
  return absl::OkStatus();
}

}  // namespace

std::vector<Claim> CheckClaims(const RunInputs& inputs) {
  std::vector<Claim> claims = CheckConvexClaims(inputs.datasets);
  claims.push_back(CheckAdaGradBelowSgdInFineTuning(inputs.fine_tuning));
  claims.push_back(CheckGapGrowsWithBatchSize(inputs.fine_tuning));
  claims.push_back(CheckAdaGradUnaffectedInFineTuning(inputs.fine_tuning));
  claims.push_back(CheckAdaGradFasterFromTheStart(inputs.fine_tuning));
  claims.push_back(CheckTenPowerSteps(inputs.measured));
  if (inputs.smoothness) {
    claims.push_back(CheckLinearBound(*inputs.smoothness));
    claims.push_back(CheckGradientExplainsSmoothness(*inputs.smoothness));
    claims.push_back(CheckAnisotropicSmoothness(*inputs.smoothness));
  }
  return claims;
}

absl::StatusOr<std::vector<RenderedTable>> MakeReportTables(
    const RunInputs& inputs, const RateTable& rates, const Published& published,
    const RecordedRun& recorded) {
  const std::vector<ConvexQuantities>& datasets = inputs.datasets;
  std::vector<RenderedTable> tables = {MakeTable1(rates)};
  if (!datasets.empty()) {
    tables.push_back(MakeTable2(datasets, published, recorded));
    tables.push_back(MakeBoundsTable(datasets, published, recorded));
    tables.push_back(MakeTable3(datasets, published, recorded));
    tables.push_back(MakeGeneralRuleTable(datasets, published));
  }
  if (!inputs.fine_tuning.cells.empty()) {
    tables.push_back(MakeTable4(inputs.fine_tuning, published, recorded));
  }
  if (!datasets.empty()) {
    tables.push_back(MakeTable5(datasets, published, recorded));
  }
  if (!inputs.measured.empty()) {
    tables.push_back(
        MakeConstantsTable(inputs.measured, datasets, inputs.curvature));
  }
  RETURN_IF_ERROR(AddFreshTables(inputs.families, &tables));
  if (inputs.held_out) tables.push_back(MakeHeldOutTable(*inputs.held_out));
  if (!inputs.theory.empty()) {
    tables.push_back(MakeTheoremsTable(inputs.theory));
    tables.push_back(MakeSlackTable(inputs.theory));
    tables.push_back(MakeExplanationTable(inputs.theory));
  }
  if (inputs.adversary) tables.push_back(MakeAdversaryTable(*inputs.adversary));
  if (!inputs.tails.empty()) tables.push_back(MakeAppendixBTable(inputs.tails));
  return tables;
}

Table MakeClaimsTable(absl::Span<const Claim> claims) {
  Table table;
  table.id = "claims";
  table.title = "The paper's claims";
  table.header = {"verdict", "claim"};
  Table::Group group;
  for (const Claim& claim : claims) {
    group.rows.push_back(
        {absl::StrReplaceAll(ClaimVerdictName(claim.verdict), {{"_", " "}}),
         claim.statement});
    table.notes.push_back(absl::StrCat(claim.statement, ": ", claim.AllEvidence()));
  }
  table.groups.push_back(group);
  return table;
}

Table MakeSummary(absl::Span<const Row> rows) {
  constexpr Verdict kVerdicts[] = {Verdict::kMatch, Verdict::kClose,
                                   Verdict::kDiffers, Verdict::kNotComparable,
                                   Verdict::kNotPublished};
  Table table;
  table.id = "summary";
  table.title = "Verdicts";
  table.column_gap = 1;
  table.header = {"table", "quantity"};
  for (const Verdict v : kVerdicts) table.header.push_back(VerdictName(v));
  std::vector<std::pair<std::string, std::string>> kinds;
  for (const Row& row : rows) {
    const std::pair<std::string, std::string> kind = {row.table, row.quantity};
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
      kinds.push_back(kind);
    }
  }
  Table::Group group, total;
  const auto line = [&](const std::string& id, const std::string& quantity,
                        const std::function<bool(const Row&)>& counts) {
    std::vector<std::string> cells = {id, quantity};
    for (const Verdict v : kVerdicts) {
      cells.push_back(absl::StrCat(
          std::count_if(rows.begin(), rows.end(), [&](const Row& row) {
            return !row.recorded && row.verdict == v && counts(row);
          })));
    }
    return cells;
  };
  for (const auto& [id, quantity] : kinds) {
    group.rows.push_back(line(id, quantity, [&](const Row& row) {
      return row.table == id && row.quantity == quantity;
    }));
  }
  total.rows.push_back(line("all", "", [](const Row&) { return true; }));
  total.rows.push_back(line("all", "published", [](const Row& row) {
    return row.published.has_value();
  }));
  table.groups = {group, total};
  return table;
}

}  // namespace anisograd
