#ifndef ANALYSIS_METHOD_PAIR_H_
#define ANALYSIS_METHOD_PAIR_H_

#include <optional>
#include <vector>

#include "analysis/convex.h"

namespace anisograd {

// Whether AdaGrad reaches a lower loss than SGD. Where all its runs exploded and
// SGD's did not, it does not; where SGD has no number there is nothing to be below.
enum class AdaGradIs { kBelow, kNotBelow, kNotCompared };
AdaGradIs CompareMethods(const std::optional<Quantity>& sgd,
                         const std::optional<Quantity>& adagrad);

// SGD's and AdaGrad's cells of one batch size; neither is null.
struct MethodPair {
  const CellQuantities* sgd = nullptr;
  const CellQuantities* adagrad = nullptr;
  AdaGradIs adagrad_is = AdaGradIs::kNotCompared;
  // SGD's number over AdaGrad's; absent where one of them is, or is not positive.
  std::optional<double> lead;
};

// Those of all batch sizes that both methods have, ascending, compared by `value`. Points into `quantities`.
std::vector<MethodPair> PairMethods(
    const ConvexQuantities& quantities,
    std::optional<Quantity> CellQuantities::*value =
        &CellQuantities::suboptimality);

}  // namespace anisograd

#endif  // ANALYSIS_METHOD_PAIR_H_
