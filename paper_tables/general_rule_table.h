#ifndef PAPER_TABLES_GENERAL_RULE_TABLE_H_
#define PAPER_TABLES_GENERAL_RULE_TABLE_H_

#include "absl/types/span.h"
#include "analysis/convex.h"
#include "paper_tables/rendered_table.h"
#include "paper_tables/row.h"

namespace anisograd {

// Table 3 of the paper's methods once more, from the same runs, with the general
// explosion rule (ExplosionRule in experiments/spec.proto) in place of the
// specs' own. The published numbers stand beside it, but no verdict: it is
// another reading. Quantity: "suboptimality_general".
RenderedTable MakeGeneralRuleTable(absl::Span<const ConvexQuantities> datasets,
                                   const Published& published);

}  // namespace anisograd

#endif  // PAPER_TABLES_GENERAL_RULE_TABLE_H_
