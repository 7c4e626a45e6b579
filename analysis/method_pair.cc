#include "analysis/method_pair.h"

#include <algorithm>

namespace anisograd {

AdaGradIs CompareMethods(const std::optional<Quantity>& sgd,
                         const std::optional<Quantity>& adagrad) {
  if (!sgd) return AdaGradIs::kNotCompared;
  return adagrad && adagrad->value < sgd->value ? AdaGradIs::kBelow
                                                : AdaGradIs::kNotBelow;
}

std::vector<MethodPair> PairMethods(
    const ConvexQuantities& quantities,
    std::optional<Quantity> CellQuantities::*value) {
  std::vector<MethodPair> pairs;
  for (const CellQuantities& cell : quantities.cells) {
    const CellQuantities* other =
        quantities.FindCell("adagrad", cell.batch_size);
    if (cell.method != "sgd" || other == nullptr) continue;
    const std::optional<Quantity>&sgd = cell.*value, &adagrad = other->*value;
    pairs.push_back({&cell, other, CompareMethods(sgd, adagrad), std::nullopt});
    if (sgd && adagrad && sgd->value > 0.0 && adagrad->value > 0.0) {
      pairs.back().lead = sgd->value / adagrad->value;
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const MethodPair& a, const MethodPair& b) {
                     return a.sgd->batch_size < b.sgd->batch_size;
                   });
  return pairs;
}

}  // namespace anisograd
