#ifndef ANALYSIS_PAGE_CONSTANTS_PAGE_H_
#define ANALYSIS_PAGE_CONSTANTS_PAGE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "analysis/convex.h"
#include "analysis/problem_constants.pb.h"

namespace anisograd {

// One page of text, 100 columns: what the assumptions' constants are and how far
// they may be off, what is anisotropic, what the theorem's ratios come to, what was
// measured, and the sentence of Conclude(). `bounds` is RenderBounds(), or why
// there are none, and stands before the measurements.
std::string RenderConstantsPage(const ConvexQuantities& quantities,
                                const ProblemConstants& constants,
                                absl::string_view bounds);

}  // namespace anisograd

#endif  // ANALYSIS_PAGE_CONSTANTS_PAGE_H_
