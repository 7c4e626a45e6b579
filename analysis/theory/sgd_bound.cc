#include "analysis/theory/sgd_bound.h"

#include <algorithm>
#include <cmath>

namespace anisograd {

std::optional<ConvexBound> BoundSgd(const SgdRun& run, double smoothness_linf,
                                    double sigma_l2) {
  const double c = std::min(1.0, 2.0 - run.first_rate * smoothness_linf);
  if (!(c > 0.0)) return std::nullopt;
  const double scale = 1.0 / (2.0 * c * static_cast<double>(run.steps));
  ConvexBound bound;
  bound.bias =
      scale *
      (run.initial_distance * run.initial_distance / run.first_rate +
       run.distance * run.distance * (1.0 / run.last_rate -
                                      1.0 / run.first_rate));
  bound.variance = scale * sigma_l2 * sigma_l2 * run.noise_rates;
  bound.solved = bound.total();
  return bound;
}

double BestSgdRate(double smoothness_linf, double sigma_l2,
                   double initial_distance, double batch_size, double steps) {
  const double largest = 1.0 / smoothness_linf;
  if (sigma_l2 == 0.0) return largest;
  return std::min(largest, initial_distance * std::sqrt(batch_size) /
                               (sigma_l2 * std::sqrt(steps)));
}

std::optional<double> BoundSgdGradient(double rate, double steps,
                                       double batch_size,
                                       double smoothness_linf, double sigma_l2,
                                       double initial_gap) {
  const double c = 1.0 - rate * smoothness_linf / 2.0;
  if (!(c > 0.0)) return std::nullopt;
  return (initial_gap / (rate * steps) +
          smoothness_linf * rate * sigma_l2 * sigma_l2 / (2.0 * batch_size)) /
         c;
}

}  // namespace anisograd
