#ifndef PAPER_TABLES_CONVEX_TABLES_H_
#define PAPER_TABLES_CONVEX_TABLES_H_

#include <vector>

#include "absl/types/span.h"
#include "analysis/convex.h"
#include "paper_tables/published.pb.h"
#include "paper_tables/recorded_run.h"
#include "paper_tables/rendered_table.h"
#include "paper_tables/row.h"

namespace anisograd {

// Data sets that are not in the paper follow those that are, under a line that
// says so; captions and counts leave them out. There must be at least one.
//
// Where a stand-in's number has a recorded one beside it (recorded_run.h), the
// table has a line of those below the stand-in's.

// Table 1: the rates.
RenderedTable MakeTable1(const RateTable& rates);

// Table 2: D_inf, D_2, |L|_1, L_inf, C_var per data set.
RenderedTable MakeTable2(absl::Span<const ConvexQuantities> datasets,
                         const Published& published,
                         const RecordedRun& recorded = {});

// What the bounds come to with constants that the assumptions allow: a valid
// |L|_1 beside the trace, |sigma|_1 / |sigma|_2, R1 and R2. The paper has none.
RenderedTable MakeBoundsTable(absl::Span<const ConvexQuantities> datasets,
                              const Published& published,
                              const RecordedRun& recorded = {});

// Table 3: suboptimality per data set, method and batch size; methods that the
// paper does not have below those it has. The CSV also has what was selected, and
// the value of each seed.
RenderedTable MakeTable3(absl::Span<const ConvexQuantities> datasets,
                         const Published& published,
                         const RecordedRun& recorded = {});

// Table 5: Table 2's small data sets, and those not in the paper, with C_bias and
// min_t f(w_t) - f(w*) over the runs that `extremes` of the spec counts.
RenderedTable MakeTable5(absl::Span<const ConvexQuantities> datasets,
                         const Published& published,
                         const RecordedRun& recorded = {});

}  // namespace anisograd

#endif  // PAPER_TABLES_CONVEX_TABLES_H_
