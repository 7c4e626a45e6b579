#include "analysis/theory/least_bound.h"

#include <cmath>

#include "analysis/theory/sgd_bound.h"

namespace anisograd {

ConvexBound LeastBound(const CellBounds& cell, const RunBounds& run) {
  const double steps = static_cast<double>(run.steps());
  const double m = static_cast<double>(cell.batch_size());
  ConvexBound bound;
  if (cell.method() == "sgd") {
    const double d = run.initial_distance(), sigma = cell.noise_l2();
    // At most 1 / L_inf, where c = 1.
    const double rate =
        BestSgdRate(cell.smoothness_linf(), sigma, d, m, steps);
    bound.bias = d * d / (2.0 * rate * steps);
    bound.variance = rate * sigma * sigma / (2.0 * m);
  } else {
    const double d = run.distance_linf();
    bound.bias = 4.0 * cell.smoothness_l1() * d * d / steps;
    bound.variance =
        2.0 * std::sqrt(2.0) * d * cell.noise_l1() / std::sqrt(m * steps);
  }
  bound.solved = bound.total();
  return bound;
}

const RunBounds* SelectedRun(const CellBounds& cell) {
  return cell.run_size() > 0 && cell.run(0).selected() ? &cell.run(0) : nullptr;
}

std::optional<MethodRatios> CompareBounds(const CellBounds* sgd,
                                           const CellBounds* adagrad) {
  if (sgd == nullptr || adagrad == nullptr) return std::nullopt;
  const RunBounds *s = SelectedRun(*sgd), *a = SelectedRun(*adagrad);
  if (s == nullptr || a == nullptr) return std::nullopt;
  return MethodRatios{
      LeastBound(*adagrad, *a).total() / LeastBound(*sgd, *s).total(),
      a->selected_gap() / s->selected_gap(),
      a->theorem(0).measured() / s->theorem(0).measured()};
}

}  // namespace anisograd
