#ifndef PAPER_TABLES_BEYOND_THEORY_TABLES_H_
#define PAPER_TABLES_BEYOND_THEORY_TABLES_H_

#include "absl/types/span.h"
#include "analysis/theory/theory.pb.h"
#include "paper_tables/rendered_table.h"

namespace anisograd {

// The theorems with their constants (docs/theory.md) beside what was measured. The
// paper has none of these numbers, so there are no verdicts.

// 4.1 and D.1 for every cell, in the order of `cells`: f - f(w*) of Table 3's
// choice and along its path, the bound, and their quotient. The CSV has the other
// theorems too.
RenderedTable MakeTheoremsTable(absl::Span<const CellBounds> cells);

// Where the slack is lost: for each cell, how much each inequality of the proof
// gives away along the path.
RenderedTable MakeSlackTable(absl::Span<const CellBounds> cells);

// Whether the bounds explain AdaGrad's lead: those of AdaGrad over those of SGD,
// both at their best constant steps and with the distances that the runs had,
// beside the quotient of the measured losses; and the batch size from which the
// variance term does not dominate AdaGrad's bound, with the one from which its
// mean along the path is twice that of the smallest batch.
RenderedTable MakeExplanationTable(absl::Span<const CellBounds> cells);

// The tightest problems that the adversary found.
RenderedTable MakeAdversaryTable(const AdversaryRecord& record);

// Appendix B.
RenderedTable MakeAppendixBTable(absl::Span<const TailRecord> tails);

}  // namespace anisograd

#endif  // PAPER_TABLES_BEYOND_THEORY_TABLES_H_
