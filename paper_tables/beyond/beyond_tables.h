#ifndef PAPER_TABLES_BEYOND_BEYOND_TABLES_H_
#define PAPER_TABLES_BEYOND_BEYOND_TABLES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/convex.h"
#include "analysis/held_out.pb.h"
#include "analysis/problem_constants.pb.h"
#include "analysis/readings.h"
#include "experiments/gpt2/smoothness/curvature.pb.h"
#include "paper_tables/rendered_table.h"

namespace anisograd {

// Tables of what the paper does not measure. No verdicts: nothing is published.

// The constants of the assumptions with their errors, a column a data set, and
// GPT-2's below. `quantities` have the diameters of the data sets of `constants`.
RenderedTable MakeConstantsTable(
    absl::Span<const ProblemConstants> constants,
    absl::Span<const ConvexQuantities> quantities,
    absl::Span<const Gpt2CurvatureResult> curvature);

// SGD against AdaGrad on seeds that nothing was selected on. What was selected is
// evaluated whatever the explosion rule says of it, so that `fresh` are quantities
// of Reading::Kind::kNoRule; `exploded` names the cells of which a run exploded by
// the spec's rule: "a4a AdaGrad at M = 1 (1 of 10)".
absl::StatusOr<RenderedTable> MakeConfidenceTable(
    absl::Span<const ConvexQuantities> fresh,
    absl::Span<const std::string> exploded);

// Loss and accuracy on samples that were not trained on.
RenderedTable MakeHeldOutTable(const HeldOutResult& result);

// Claims by reading. + holds, - fails, ? not tested.
RenderedTable MakeReadingsTable(absl::Span<const ReadingClaims> readings);

}  // namespace anisograd

#endif  // PAPER_TABLES_BEYOND_BEYOND_TABLES_H_
