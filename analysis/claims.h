#ifndef ANALYSIS_CLAIMS_H_
#define ANALYSIS_CLAIMS_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "analysis/convex.h"

namespace anisograd {

// A sentence of the paper, checked against results. Judged on official data at
// full scale alone; what stand-ins and reduced runs show stands apart.
struct Claim {
  enum class Verdict { kHolds, kFails, kNotTested };
  // Stable identifier, and the sentence.
  std::string name;
  std::string statement;
  Verdict verdict = Verdict::kNotTested;
  // The numbers it was judged by: "18 of 18"; empty where there are none.
  std::string evidence;
  // "12 of 12 on stand-ins"; empty where there are none.
  std::string apart;

  // Both, or "nothing to test it on".
  std::string AllEvidence() const;
};

// "AdaGrad constantly provides faster convergence than SGD" (Section 6.1): lower
// suboptimality in every pair of Table 3.
Claim CheckAdaGradBelowSgd(absl::Span<const ConvexQuantities> datasets);

// "When the batch size increases ... AdaGrad is affected less than SGD"
// (Section 6.1): on every data set the suboptimality rises by less from
// M = 64 to M = 1024, as a difference and as a factor.
Claim CheckAdaGradDegradesLess(absl::Span<const ConvexQuantities> datasets);

// "Adagrad demonstrates similar convergence behaviors for varied batch sizes" and
// "is generally unaffected by the batch size" (Section 6.1, Table 3's caption, whose
// limit on M our copy lost): its largest suboptimality over M <= 256 is at most
// twice the smallest on every data set. The paper's own numbers give at most 1.43.
Claim CheckAdaGradUnaffected(absl::Span<const ConvexQuantities> datasets);

// "Cannot be explained by previous nonsmooth theories", whose O(1 / sqrt(T)) with
// T = N / M is worse by sqrt(1024) at M = 1024 than at M = 1 (Section 6.1):
// AdaGrad's suboptimality rises by less than the square root of the ratio of its
// largest to its smallest batch size.
Claim CheckBelowNonsmoothRate(absl::Span<const ConvexQuantities> datasets);

// Table 5: min_t f(w_t) - f(w*) of AdaGrad is below SGD's.
Claim CheckLowestLoss(absl::Span<const ConvexQuantities> datasets);

// Samples, features and non-zeros as Section 6.1 says, within 5 % for the last.
Claim CheckDatasetShapes(absl::Span<const ConvexQuantities> datasets);

// "In large sparse datasets, D_inf is much smaller than D_2" (Table 2's
// caption): C_var <= 0.1 where there are at least 10,000 features. It could be
// as small as 1 / sqrt(features) and as large as 1.
Claim CheckDiametersOnSparseData(absl::Span<const ConvexQuantities> datasets);

// The bounds of Theorem 4.1 and of SGD differ by two ratios (Appendix B), and
// AdaGrad's is the better one where they are below 1.
//
// The variance terms' is R1 = D_inf |sigma|_1 / (D_2 |sigma|_2), with a sigma that
// Assumption 3.5 allows: one for every w (analysis/gradient_noise.h).
// C_var = D_inf / D_2 alone, which Table 2 shows, is at most 1 for all vectors.
Claim CheckVarianceBound(absl::Span<const ConvexQuantities> datasets);

// The bias terms' is R2 = |L|_1 D_inf^2 / (L_inf D_2^2), with an |L|_1 that
// Assumption 3.3 allows (analysis/smoothness.h). Table 5's C_bias has the trace
// of H in its place.
Claim CheckBiasBound(absl::Span<const ConvexQuantities> datasets);

// All of the above, by the paper's own data sets: others, and other readings of
// the protocol on the same data, are no evidence for its sentences.
std::vector<Claim> CheckConvexClaims(
    absl::Span<const ConvexQuantities> datasets);

}  // namespace anisograd

#endif  // ANALYSIS_CLAIMS_H_
