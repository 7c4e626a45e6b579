#ifndef ANALYSIS_PAGE_BOUNDS_SECTION_H_
#define ANALYSIS_PAGE_BOUNDS_SECTION_H_

#include <string>

#include "absl/types/span.h"
#include "analysis/theory/theory.pb.h"

namespace anisograd {

// The page's lines on Theorems D.1 and 4.1, up to 100 columns: of each batch size,
// at the steps that were selected, the mean of f(w_t) - f(w*) along the path, the
// bound, and slack = bound / mean; which conditions the runs do not meet; and what
// the theorems say of the lead, LeastBound() of AdaGrad over SGD's beside the
// quotient of the measured f - f(w*). A bound below its mean is called VIOLATED.
std::string RenderBounds(absl::Span<const CellBounds> cells);

}  // namespace anisograd

#endif  // ANALYSIS_PAGE_BOUNDS_SECTION_H_
