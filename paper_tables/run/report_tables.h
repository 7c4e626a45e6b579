#ifndef PAPER_TABLES_RUN_REPORT_TABLES_H_
#define PAPER_TABLES_RUN_REPORT_TABLES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/claims.h"
#include "paper_tables/published.pb.h"
#include "paper_tables/recorded_run.h"
#include "paper_tables/rendered_table.h"
#include "paper_tables/row.h"
#include "paper_tables/run/run_inputs.h"
#include "paper_tables/table.h"

namespace anisograd {

// What a run shows, in the order of the report.

// The paper's claims, on logistic regression and then on GPT-2.
std::vector<Claim> CheckClaims(const RunInputs& inputs);

// All tables for which there are inputs: the paper's, those of the same numbers
// after the one they belong to, and then those of beyond/.
absl::StatusOr<std::vector<RenderedTable>> MakeReportTables(
    const RunInputs& inputs, const RateTable& rates, const Published& published,
    const RecordedRun& recorded);

// Table "claims": each with its verdict, and a note with its evidence.
Table MakeClaimsTable(absl::Span<const Claim> claims);

// Table "summary": how many numbers of each table got each verdict; recorded ones,
// which are none of this run's, do not count.
Table MakeSummary(absl::Span<const Row> rows);

}  // namespace anisograd

#endif  // PAPER_TABLES_RUN_REPORT_TABLES_H_
