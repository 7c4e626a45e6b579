// Renders one table, or the whole report, from results.
//
//   render_main --table=table3 --results=A.pb,... --constants=B.pb,...
//       --published=F --tolerances=F --rates=F --out=PREFIX
//
// writes PREFIX.txt, .md, .tex and .csv. --table=all renders every table, with
// the claims before them and, after them, the count of verdicts and how many
// numbers equal the recorded run's; --out_recorded is what would be recorded, and
// --out_report all of it as a RunReport.

#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/claims.h"
#include "paper_tables/published.pb.h"
#include "paper_tables/published_file.h"
#include "paper_tables/recorded_run.h"
#include "paper_tables/rendered_table.h"
#include "paper_tables/row.h"
#include "paper_tables/run/report_tables.h"
#include "paper_tables/run/run_inputs.h"
#include "paper_tables/run_report.h"
#include "paper_tables/table.h"
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

RunFiles FilesFromFlags() {
  RunFiles files;
  files.results = absl::GetFlag(FLAGS_results);
  files.constants = absl::GetFlag(FLAGS_constants);
  files.fine_tuning = absl::GetFlag(FLAGS_fine_tuning);
  files.smoothness = absl::GetFlag(FLAGS_smoothness);
  files.fresh = absl::GetFlag(FLAGS_fresh);
  files.measured = absl::GetFlag(FLAGS_measured);
  files.held_out = absl::GetFlag(FLAGS_held_out);
  files.curvature = absl::GetFlag(FLAGS_curvature);
  files.theory = absl::GetFlag(FLAGS_theory);
  files.adversary = absl::GetFlag(FLAGS_adversary);
  files.tails = absl::GetFlag(FLAGS_tails);
  return files;
}

absl::Status Render() {
  const std::string wanted = absl::GetFlag(FLAGS_table);
  const bool all = wanted == "all";
  for (const char* flag : {"out_recorded", "out_report"}) {
    // One table's numbers are no run.
    if (!all && IsGiven(flag)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", flag, ": only with --table=all"));
    }
  }
  RateTable rates;
  RETURN_IF_ERROR(ReadTextProto(absl::GetFlag(FLAGS_rates), &rates));
  ASSIGN_OR_RETURN(const Published published,
                   ReadPublished(absl::GetFlag(FLAGS_published),
                                 absl::GetFlag(FLAGS_tolerances)));
  const std::string recorded_path = absl::GetFlag(FLAGS_recorded);
  ASSIGN_OR_RETURN(const std::string recorded_text, ReadFile(recorded_path));
  ASSIGN_OR_RETURN(const RecordedRun recorded,
                   RecordedRun::Parse(recorded_text, recorded_path));
  ASSIGN_OR_RETURN(const RunInputs inputs,
                   ReadRunInputs(FilesFromFlags(), published));

  std::vector<Table> tables;
  std::vector<Row> rows;
  std::vector<Claim> claims;
  if (all) {
    claims = CheckClaims(inputs);
    tables.push_back(MakeClaimsTable(claims));
  }
  ASSIGN_OR_RETURN(std::vector<RenderedTable> rendered,
                   MakeReportTables(inputs, rates, published, recorded));
  for (RenderedTable& r : rendered) {
    if (!all && wanted != r.table.id) continue;
    tables.push_back(std::move(r.table));
    rows.insert(rows.end(), r.rows.begin(), r.rows.end());
  }
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
