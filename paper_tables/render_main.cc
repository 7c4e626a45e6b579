// Renders one table, or the whole report, from results.
//
//   render_main --table=table3 --results=A.pb,... --constants=B.pb,...
//       --published=F --tolerances=F --rates=F --out=PREFIX
//
// writes PREFIX.txt, .md, .tex and .csv. --table=all renders every table, with
// the claims before them and, after them, the count of verdicts and how many
// numbers equal the recorded run's; --out_recorded is what would be recorded, and
// --out_report all of it as a RunReport.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "analysis/claims.h"
#include "analysis/convex.h"
#include "analysis/fine_tuning.h"
#include "analysis/generalized_smoothness.h"
#include "analysis/held_out.pb.h"
#include "analysis/problem_constants.h"
#include "analysis/provenance.h"
#include "analysis/readings.h"
#include "experiments/gpt2/smoothness/curvature.pb.h"
#include "analysis/theory/theory.pb.h"
#include "experiments/gpt2/smoothness/smoothness.pb.h"
#include "experiments/gpt2/spec/result.pb.h"
#include "experiments/result.pb.h"
#include "experiments/result_file.h"
#include "paper_tables/beyond_tables.h"
#include "paper_tables/convex_tables.h"
#include "paper_tables/fine_tuning_table.h"
#include "paper_tables/general_rule_table.h"
#include "paper_tables/published.pb.h"
#include "paper_tables/recorded_run.h"
#include "paper_tables/row.h"
#include "paper_tables/run_report.h"
#include "paper_tables/table.h"
#include "paper_tables/theory_tables.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, table, "all", "table1, ..., table5 or all");
ABSL_FLAG(std::vector<std::string>, results, {}, "ExperimentResults");
ABSL_FLAG(std::vector<std::string>, constants, {}, "ConstantsResults");
ABSL_FLAG(std::vector<std::string>, fine_tuning, {}, "Gpt2Results");
ABSL_FLAG(std::vector<std::string>, smoothness, {}, "Gpt2SmoothnessResults");
ABSL_FLAG(std::vector<std::string>, fresh, {},
          "ExperimentResults on seeds that nothing was selected on");
ABSL_FLAG(std::vector<std::string>, measured, {}, "ProblemConstants");
ABSL_FLAG(std::vector<std::string>, held_out, {}, "HeldOutResults");
ABSL_FLAG(std::vector<std::string>, curvature, {}, "Gpt2CurvatureResults");
ABSL_FLAG(std::vector<std::string>, theory, {}, "CellBounds");
ABSL_FLAG(std::vector<std::string>, adversary, {}, "AdversaryRecords");
ABSL_FLAG(std::vector<std::string>, tails, {}, "TailRecords");
ABSL_FLAG(std::string, published, "", "PublishedNumbers in text form");
ABSL_FLAG(std::string, tolerances, "", "Tolerances in text form");
ABSL_FLAG(std::string, rates, "", "RateTable in text form");
ABSL_FLAG(std::string, recorded, "", "the recorded run");
ABSL_FLAG(std::string, out, "", "the outputs' common prefix");
ABSL_FLAG(std::string, out_recorded, "",
          "where to write the recorded run that this one would make");
ABSL_FLAG(std::string, out_report, "",
          "where to write the whole report as a RunReport");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Renders one table, or the whole report, from results.",
    "--published=F --tolerances=F --rates=F --recorded=F --out=OUT_PREFIX "
    "[--table=NAME] [--results=A.pb,B.pb] [--constants=A.pb,B.pb] "
    "[--fine_tuning=A.pb,B.pb] [--smoothness=A.pb,B.pb] [--fresh=A.pb,B.pb] "
    "[--measured=A.pb,B.pb] [--held_out=A.pb] [--curvature=A.pb] "
    "[--theory=A.pb,B.pb] [--adversary=A.pb] [--tails=A.pb,B.pb] "
    "[--out_recorded=OUT.csv] [--out_report=OUT.pb]"};

// Families in the order of their data sets' constants, then of their results; two
// on one data set stay two.
absl::StatusOr<std::vector<ConvexQuantities>> ReadDatasets(
    const Published& published) {
  std::vector<std::string> families;
  std::map<std::string, std::vector<ExperimentResult>> by_family;
  for (const std::string& path : absl::GetFlag(FLAGS_results)) {
    ASSIGN_OR_RETURN(ExperimentResult result, ReadResult(path));
    AddOnce(result.spec().name(), &families);
    by_family[result.spec().name()].push_back(std::move(result));
  }
  std::vector<ConvexQuantities> datasets;
  for (const std::string& path : absl::GetFlag(FLAGS_constants)) {
    ConstantsResult constants;
    RETURN_IF_ERROR(ReadBinaryProto(path, &constants));
    const size_t before = datasets.size();
    for (const std::string& family : families) {
      const auto at = by_family.find(family);
      if (at == by_family.end() || at->second[0].dataset().name() !=
                                       constants.dataset().name()) {
        continue;
      }
      ASSIGN_OR_RETURN(ConvexQuantities quantities,
                       ComputeConvexQuantities(at->second, constants));
      quantities.in_paper = published.HasDataset(quantities.label());
      datasets.push_back(std::move(quantities));
      by_family.erase(at);
    }
    if (datasets.size() == before) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": dataset.name: \"", constants.dataset().name(),
          "\" has no results"));
    }
  }
  if (!by_family.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--constants: none for ", by_family.begin()->first));
  }
  return datasets;
}

// What ReadDatasets read of the paper's families, with the cells on fresh seeds.
absl::StatusOr<std::vector<FamilyRuns>> ReadRuns(
    absl::Span<const ConvexQuantities> datasets) {
  std::vector<FamilyRuns> runs;
  for (const ConvexQuantities& d : datasets) {
    if (!d.in_paper) continue;
    FamilyRuns family;
    family.constants = d.constants;
    using Cells = std::pair<std::vector<std::string>, decltype(&family.cells)>;
    for (const auto& [paths, cells] :
         {Cells{absl::GetFlag(FLAGS_results), &family.cells},
          Cells{absl::GetFlag(FLAGS_fresh), &family.fresh}}) {
      for (const std::string& path : paths) {
        ASSIGN_OR_RETURN(ExperimentResult result, ReadResult(path));
        const bool of_family =
            cells == &family.fresh
                ? result.dataset().name() == d.dataset.name()
                : result.spec().name() == d.label();
        if (of_family) cells->push_back(std::move(result));
      }
    }
    runs.push_back(std::move(family));
  }
  return runs;
}

template <typename Message>
absl::StatusOr<std::vector<Message>> ReadAll(
    const std::vector<std::string>& paths) {
  std::vector<Message> messages;
  for (const std::string& path : paths) {
    RETURN_IF_ERROR(ReadBinaryProto(path, &messages.emplace_back()));
  }
  return messages;
}

// The tables of beyond_tables.h for which there are files.
absl::StatusOr<std::vector<RenderedTable>> MakeBeyondTables(
    absl::Span<const ConvexQuantities> datasets,
    absl::Span<const ProblemConstants> measured) {
  std::vector<RenderedTable> tables;
  if (!measured.empty()) {
    ASSIGN_OR_RETURN(
        const std::vector<Gpt2CurvatureResult> curvature,
        ReadAll<Gpt2CurvatureResult>(absl::GetFlag(FLAGS_curvature)));
    tables.push_back(MakeConstantsTable(measured, datasets, curvature));
  }
  ASSIGN_OR_RETURN(const std::vector<FamilyRuns> families, ReadRuns(datasets));
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
  if (!fresh.empty()) {
    ASSIGN_OR_RETURN(tables.emplace_back(), MakeConfidenceTable(fresh, exploded));
    ASSIGN_OR_RETURN(const std::vector<ReadingClaims> readings,
                     CheckReadings(families));
    tables.push_back(MakeReadingsTable(readings));
  }
  ASSIGN_OR_RETURN(const std::vector<HeldOutResult> held_out,
                   ReadAll<HeldOutResult>(absl::GetFlag(FLAGS_held_out)));
  for (const HeldOutResult& result : held_out) {
    tables.push_back(MakeHeldOutTable(result));
  }
  return tables;
}

absl::StatusOr<FineTuningQuantities> ReadFineTuning() {
  std::vector<Gpt2Result> results;
  for (const std::string& path : absl::GetFlag(FLAGS_fine_tuning)) {
    RETURN_IF_ERROR(ReadBinaryProto(path, &results.emplace_back()));
  }
  return ComputeFineTuningQuantities(results);
}

absl::StatusOr<std::vector<RenderedTable>> MakeTheoryTables() {
  ASSIGN_OR_RETURN(const std::vector<CellBounds> cells,
                   ReadAll<CellBounds>(absl::GetFlag(FLAGS_theory)));
  ASSIGN_OR_RETURN(
      const std::vector<AdversaryRecord> adversary,
      ReadAll<AdversaryRecord>(absl::GetFlag(FLAGS_adversary)));
  ASSIGN_OR_RETURN(const std::vector<TailRecord> tails,
                   ReadAll<TailRecord>(absl::GetFlag(FLAGS_tails)));
  std::vector<RenderedTable> tables;
  if (!cells.empty()) {
    tables = {MakeTheoremsTable(cells), MakeSlackTable(cells),
              MakeExplanationTable(cells)};
  }
  for (const AdversaryRecord& record : adversary) {
    tables.push_back(MakeAdversaryTable(record));
  }
  if (!tails.empty()) tables.push_back(MakeAppendixBTable(tails));
  return tables;
}

absl::Status AddSmoothnessClaims(std::vector<Claim>* claims) {
  for (const std::string& path : absl::GetFlag(FLAGS_smoothness)) {
    Gpt2SmoothnessResult result;
    RETURN_IF_ERROR(ReadBinaryProto(path, &result));
    ASSIGN_OR_RETURN(const GeneralizedSmoothness quantities,
                     ComputeGeneralizedSmoothness(result));
    claims->push_back(CheckLinearBound(quantities));
    claims->push_back(CheckGradientExplainsSmoothness(quantities));
    claims->push_back(CheckAnisotropicSmoothness(quantities));
  }
  return absl::OkStatus();
}

Table MakeClaimsTable(const std::vector<Claim>& claims) {
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

// How many numbers of each table got each verdict; recorded ones, which are none
// of this run's, do not count.
Table MakeSummary(const std::vector<Row>& rows) {
  constexpr Verdict kVerdicts[] = {Verdict::kMatch, Verdict::kClose,
                                   Verdict::kDiffers, Verdict::kNotComparable,
                                   Verdict::kNotPublished};
  Table table;
  table.id = "summary";
  table.title = "Verdicts";
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

absl::Status Render() {
  PublishedNumbers numbers;
  Tolerances tolerances;
  RateTable rates;
  RETURN_IF_ERROR(ReadTextProto(absl::GetFlag(FLAGS_published), &numbers));
  RETURN_IF_ERROR(ReadTextProto(absl::GetFlag(FLAGS_tolerances), &tolerances));
  RETURN_IF_ERROR(ReadTextProto(absl::GetFlag(FLAGS_rates), &rates));
  ASSIGN_OR_RETURN(const Published published,
                   Published::Create(numbers, tolerances));
  const std::string recorded_path = absl::GetFlag(FLAGS_recorded);
  ASSIGN_OR_RETURN(const std::string recorded_text, ReadFile(recorded_path));
  ASSIGN_OR_RETURN(const RecordedRun recorded,
                   RecordedRun::Parse(recorded_text, recorded_path));
  ASSIGN_OR_RETURN(const std::vector<ConvexQuantities> datasets,
                   ReadDatasets(published));
  ASSIGN_OR_RETURN(const FineTuningQuantities fine_tuning, ReadFineTuning());

  ASSIGN_OR_RETURN(const std::vector<ProblemConstants> measured,
                   ReadAll<ProblemConstants>(absl::GetFlag(FLAGS_measured)));

  const std::string wanted = absl::GetFlag(FLAGS_table);
  const bool all = wanted == "all";
  std::vector<Table> tables;
  std::vector<Row> rows;
  std::vector<Claim> claims;
  if (all) {
    claims = CheckConvexClaims(datasets);
    claims.push_back(CheckAdaGradBelowSgdInFineTuning(fine_tuning));
    claims.push_back(CheckGapGrowsWithBatchSize(fine_tuning));
    claims.push_back(CheckAdaGradUnaffectedInFineTuning(fine_tuning));
    claims.push_back(CheckAdaGradFasterFromTheStart(fine_tuning));
    claims.push_back(CheckTenPowerSteps(measured));
    RETURN_IF_ERROR(AddSmoothnessClaims(&claims));
    tables.push_back(MakeClaimsTable(claims));
  }
  const auto add = [&](const std::string& id, RenderedTable rendered) {
    if (!all && wanted != id) return;
    tables.push_back(std::move(rendered.table));
    rows.insert(rows.end(), rendered.rows.begin(), rendered.rows.end());
  };
  add("table1", MakeTable1(rates));
  if (!datasets.empty()) {
    add("table2", MakeTable2(datasets, published, recorded));
    add("bounds", MakeBoundsTable(datasets, published, recorded));
    add("table3", MakeTable3(datasets, published, recorded));
    add("table3_general", MakeGeneralRuleTable(datasets, published));
  }
  if (!fine_tuning.cells.empty()) {
    add("table4", MakeTable4(fine_tuning, published, recorded));
  }
  if (!datasets.empty()) {
    add("table5", MakeTable5(datasets, published, recorded));
  }
  ASSIGN_OR_RETURN(std::vector<RenderedTable> beyond,
                   MakeBeyondTables(datasets, measured));
  for (RenderedTable& table : beyond) {
    const std::string id = table.table.id;
    add(id, std::move(table));
  }
  ASSIGN_OR_RETURN(const std::vector<RenderedTable> theory, MakeTheoryTables());
  for (const RenderedTable& t : theory) add(t.table.id, t);
  if (tables.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--table: no table \"", wanted, "\" from these results"));
  }
  RunReport report;
  std::string text, markdown, latex;
  if (all) {
    const Comparison comparison = CompareWithRecorded(rows, recorded);
    tables.push_back(MakeSummary(rows));
    tables.push_back(MakeRecordedTable(comparison));
    report = MakeRunReport(claims, tables, rows, comparison);
    text = RenderSummary(report);
  }
  for (const Table& table : tables) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", RenderText(table));
    absl::StrAppend(&markdown, markdown.empty() ? "" : "\n",
                    RenderMarkdown(table));
    absl::StrAppend(&latex, latex.empty() ? "" : "\n", RenderLatex(table));
  }
  const std::string out = absl::GetFlag(FLAGS_out);
  RETURN_IF_ERROR(WriteFileAtomically(out + ".txt", text));
  RETURN_IF_ERROR(WriteFileAtomically(out + ".md", markdown));
  RETURN_IF_ERROR(WriteFileAtomically(out + ".tex", latex));
  RETURN_IF_ERROR(WriteFileAtomically(
      out + ".csv", RenderCsv(rows) + RenderClaimLines(claims)));
  if (const std::string path = absl::GetFlag(FLAGS_out_report); !path.empty()) {
    RETURN_IF_ERROR(
        WriteFileAtomically(path, SerializeDeterministically(report)));
  }
  if (absl::GetFlag(FLAGS_out_recorded).empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string record, RenderRecorded(rows, recorded));
  return WriteFileAtomically(absl::GetFlag(FLAGS_out_recorded), record);
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Render);
}
