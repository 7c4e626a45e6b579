#ifndef ANALYSIS_GPT2_FIGURE1_H_
#define ANALYSIS_GPT2_FIGURE1_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/gpt2/generalized_smoothness.h"

namespace anisograd {

// The coordinates that Figure 1 shows, a panel each, by a rule that does not look
// at their scatter: of each of GPT-2's six kinds of weight matrix, which hold
// 99.9 % of its parameters, the first stratified coordinate, in the order in
// which they were drawn. Kinds in the layout's order: wte, wpe, attn.c_attn,
// attn.c_proj, mlp.c_fc, mlp.c_proj.
std::vector<const CoordinateSmoothness*> Figure1Panels(
    const GeneralizedSmoothness& quantities);

// CSV files in the form of figures/plot_data.h. All say in notes what is reduced,
// stands in or was recorded, how the lines are fitted, and how they do on
// held-out points.

// Figure 1's data, columns parameter,tensor,index,iteration,radius,gradient,
// slope,l0,l1: x and y of each point of the panels and their lines.
// FailedPrecondition where there is none to draw, as when the run exploded at
// its first step.
absl::StatusOr<std::string> MakeFigure1Csv(
    const GeneralizedSmoothness& quantities);

// A line for each sampled coordinate: L0 and L1, what the line exceeds its points
// by in the mean, beside the best constant, and how the line of the path's first
// half does on the second. Columns sample,tensor,index,points,
// without_displacement,l0,l1,mean_excess,constant_mean_excess,half_l0,half_l1,
// held_out_points,held_out_covered.
std::string MakeCoordinatesCsv(const GeneralizedSmoothness& quantities);

// A line for each pair w, w': inequality (9). Columns pair,iteration,radius,
// distance,ratio,held_out_ratio, as in InequalityCheck; `pair` is "random" or
// "ascent", and "inf" stands where a ratio is infinite.
std::string MakeInequalityCsv(const GeneralizedSmoothness& quantities);

}  // namespace anisograd

#endif  // ANALYSIS_GPT2_FIGURE1_H_
