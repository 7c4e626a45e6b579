#ifndef EXPERIMENTS_GPT2_SMOOTHNESS_CURVATURE_ESTIMATE_H_
#define EXPERIMENTS_GPT2_SMOOTHNESS_CURVATURE_ESTIMATE_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/gpt2/smoothness/curvature.pb.h"

namespace anisograd {

// grad f(w), of w's size.
using GradientFunction =
    std::function<absl::Status(absl::Span<const float>, absl::Span<float>)>;

struct CurvatureOptions {
  // Of 8 Cauchy vectors each; at least 2, for an error.
  int groups = 4;
  int power_steps = 20;
  // |w - w'|_2 of central differences.
  double radius = 1e-2;
  uint64_t seed = 1;
};

// Estimates norms of the Hessian H of f at w by products with it,
//
//   H v = (grad f(w + e v) - grad f(w - e v)) / (2 e),   e = radius / |v|_2.
//
// For a vector c of independent standard Cauchy numbers (Hc)_j is a Cauchy number
// of scale L_j = sum_k |H_jk| (Xie, Mohamadi and Li, "Adam exploits l-infinity
// geometry via coordinate-wise adaptivity", 2025). They take medians over vectors;
// here it is the geometric mean of 8, which needs one array however many vectors
// there are, times cos(pi / 16)^8: since E |C|^(1/8) = 1 / cos(pi / 16) it has no
// bias. Each group's sum over j is one estimate of |H|_{1,1}; coordinates share
// vectors, so the error is that of the groups' mean.
//
// Costs 2 gradients a product: 16 groups + 16 + 2 (power_steps + 1) of them.
// `free[j]` false: a parameter that does not move, such as padding. The same bits
// everywhere, given those of `gradient`. Fills all but iteration and loss. Returns
// the errors of `gradient`.
absl::StatusOr<CurvatureEstimate> EstimateCurvature(
    const GradientFunction& gradient, absl::Span<const float> w,
    const std::vector<bool>& free, const CurvatureOptions& options);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_SMOOTHNESS_CURVATURE_ESTIMATE_H_
