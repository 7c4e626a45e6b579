// Whether the gradient has a part in a bound of local smoothness: how much nearer
// lines y <= L0_j + L1_j x come to the points than constants do, and than lines of
// gradients that are dealt out to the probes at random (generalized_smoothness.h).
//
// The null. Along a run both |d_j f(w)| and the smoothness drift: whatever varies
// smoothly with the step looks related to whatever else does. Gradients dealt out
// over the whole path lose that trend and are worse than the true ones, related or
// not. They are therefore dealt out within blocks of kProbesInABlock consecutive
// probes only, which keeps the slow trend of both and breaks what they share from
// probe to probe. Permutations restricted so are exact where probes of a block are
// exchangeable given the trend. A drift within a block still counts as the
// gradient's, so that the test finds too much rather than too little.
#ifndef ANALYSIS_GPT2_GRADIENT_GAIN_H_
#define ANALYSIS_GPT2_GRADIENT_GAIN_H_

#include <vector>

#include "analysis/gpt2/upper_envelope.h"

namespace anisograd {

// 5: a tenth of the path of 50 probes, and 120 orders a block. Shorter blocks drift
// less and tell less: a pair has only two orders.
inline constexpr int kProbesInABlock = 5;

// How often gradients are dealt out.
inline constexpr int kPermutations = 199;

// The points of one coordinate.
struct ProbedScatter {
  // |d_j f(w)|, by probe.
  std::vector<double> x;
  struct Point {
    int probe = 0;
    double y = 0.0;
  };
  std::vector<Point> points;
};

struct GradientGain {
  int coordinates = 0;
  // Those whose best line is flat.
  int flat = 0;
  // Mean over coordinates of the line's mean excess over that of the best constant,
  // 1 where both are 0: below 1 where slopes help.
  double excess = 1.0;
  // The least `excess` of the permutations.
  double least_permuted = 1.0;
  // (1 + permutations whose excess is no larger) / (1 + permutations): the
  // probability of such an excess if gradients told nothing of the smoothness
  // beyond the trend.
  double p_value = 1.0;
};

// Over the coordinates that have points; lines by FitUpperEnvelope, with slopes up
// to max_l1. All coordinates have as many probes, and are dealt out by the same
// permutation: they share the path. The last block may be shorter. Deterministic.
GradientGain MeasureGradientGain(const std::vector<ProbedScatter>& coordinates,
                                 double max_l1,
                                 int probes_in_a_block = kProbesInABlock);

}  // namespace anisograd

#endif  // ANALYSIS_GPT2_GRADIENT_GAIN_H_
