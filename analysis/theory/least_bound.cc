#include "analysis/theory/least_bound.h"

#include <cmath>

#include "analysis/theory/sgd_bound.h"

namespace anisograd {

ConvexBound LeastBound(const CellBounds& cell, const RunBounds& run) {
  const double steps = static_cast<double>(run.steps());
  const double m = static_cast<double>(cell.batch_size());
  if (cell.method() == "sgd") {
    SgdRun sgd;
    sgd.steps = run.steps();
    sgd.initial_distance = run.initial_distance();
    sgd.first_rate = sgd.last_rate =
        BestSgdRate(cell.smoothness_linf(), cell.noise_l2(),
                    sgd.initial_distance, m, steps);
    sgd.noise_rates = sgd.first_rate * steps / m;
    // At most 1 / L_inf, where there is a bound.
    return BoundSgd(sgd, cell.smoothness_linf(), cell.noise_l2()).value();
  }
  const double d = run.distance_linf();
  ConvexBound bound;
  bound.bias = 4.0 * cell.smoothness_l1() * d * d / steps;
  bound.variance =
      2.0 * std::sqrt(2.0) * d * cell.noise_l1() / std::sqrt(m * steps);
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
