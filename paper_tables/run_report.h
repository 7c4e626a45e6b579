#ifndef PAPER_TABLES_RUN_REPORT_H_
#define PAPER_TABLES_RUN_REPORT_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "analysis/claims.h"
#include "paper_tables/recorded_run.h"
#include "paper_tables/row.h"
#include "paper_tables/run_report.pb.h"
#include "paper_tables/table.h"

namespace anisograd {

// "HOLDS", "FAILS" or "NOT_TESTED".
std::string ClaimVerdictName(Claim::Verdict verdict);

RunReport MakeRunReport(absl::Span<const Claim> claims,
                        absl::Span<const Table> tables,
                        absl::Span<const Row> rows,
                        const Comparison& comparison);

// What was run on what, each list in the order of the rows: the data sets whose
// numbers the paper has, on official data at full scale; those it has no number of,
// such as synthetic data and families of our own; and those of each scale note.
struct ScaleGroup {
  // Empty for the first two.
  std::string note;
  bool in_paper = true;
  std::vector<std::string> datasets;
};
std::vector<ScaleGroup> GroupByScale(const RunReport& report);

// The opening of the terminal's report, at most 24 lines of 100 characters: what
// ran on what, the verdicts of published numbers, claims, the recorded run.
std::string RenderSummary(const RunReport& report);

// The claims as lines of all.csv: table "claims", the claim's name as quantity,
// its verdict, and the evidence as scale_note.
std::string RenderClaimLines(absl::Span<const Claim> claims);

}  // namespace anisograd

#endif  // PAPER_TABLES_RUN_REPORT_H_
