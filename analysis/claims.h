#ifndef ANALYSIS_CLAIMS_H_
#define ANALYSIS_CLAIMS_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "analysis/convex.h"

namespace anisograd {

// A sentence of the paper, checked against results.
struct Claim {
  enum class Verdict { kHolds, kFails, kNotTested };
  // Stable identifier, and the sentence.
  std::string name;
  std::string statement;
  Verdict verdict = Verdict::kNotTested;
  // The numbers it was judged by.
  std::string evidence;
};

// "AdaGrad constantly provides faster convergence than SGD" (Section 6.1): lower
// suboptimality in every pair of Table 3.
Claim CheckAdaGradBelowSgd(absl::Span<const ConvexQuantities> datasets);

// "When the batch size increases ... AdaGrad is affected less than SGD"
// (Section 6.1): on every data set the suboptimality rises by less, in absolute
// terms, from M = 64 to M = 1024.
Claim CheckAdaGradDegradesLess(absl::Span<const ConvexQuantities> datasets);

// "In large sparse datasets, D_inf is much smaller than D_2" (Table 2's
// caption): C_var <= 0.1 where there are at least 10,000 features.
Claim CheckDiametersOnSparseData(absl::Span<const ConvexQuantities> datasets);

// "L_1 D_inf^2 / (L_inf D_2^2)" and D_inf / D_2 below 1 on every data set: the
// bounds favour AdaGrad (Section 4, Table 5).
Claim CheckBoundsFavourAdaGrad(absl::Span<const ConvexQuantities> datasets);

// All of the above, by the data sets of the paper alone.
std::vector<Claim> CheckConvexClaims(
    absl::Span<const ConvexQuantities> datasets);

}  // namespace anisograd

#endif  // ANALYSIS_CLAIMS_H_
