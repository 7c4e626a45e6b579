#include "analysis/theory/bound_points.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/convex.h"

namespace anisograd {

std::string BoundPointsCsv(absl::Span<const CellBounds> cells) {
  std::string lines;
  int silent = 0;
  for (const CellBounds& cell : cells) {
    for (const RunBounds& run : cell.run()) {
      // The first is 4.1 or D.1 (cell_bounds.cc).
      const TheoremBound& theorem = run.theorem(0);
      if (theorem.says_case() == TheoremBound::SAYS_NOT_SET) {
        ++silent;
        continue;
      }
      absl::StrAppendFormat(
          &lines, "%s%s,%s,%s,%d,%.6g,%.6g\n", cell.family(),
          cell.dataset().stand_in() ? " (stand-in)" : "",
          MethodTitle(cell.method()), run.selected() ? "selected" : "largest",
          cell.batch_size(), theorem.measured(), theorem.bound());
    }
  }
  return absl::StrCat(
      "# caption: The mean of f(w_t) - f(w*) along the path and what Theorems "
      "4.1 (AdaGrad) and D.1 (SGD) say of it",
      silent == 0 ? "" : absl::StrCat("; no bound at ", silent, " steps"),
      "\nfamily,method,step,batch_size,measured,bound\n", lines);
}

}  // namespace anisograd
