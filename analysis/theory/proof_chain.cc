#include "analysis/theory/proof_chain.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "analysis/theory/sgd_bound.h"
#include "tools/base/status_macros.h"

namespace anisograd {

AdaGradRun BoundedRun(const PathRecord& path, double epsilon) {
  AdaGradRun run;
  run.steps = path.steps;
  run.inverse_batches = path.inverse_batches;
  run.first_rate = path.first_rate;
  run.last_rate = path.last_rate;
  run.epsilon = epsilon;
  run.initial_distance = path.initial_distance;
  return run;
}

absl::StatusOr<ProofChain> AdaGradChain(const PathRecord& path,
                                        absl::Span<const double> smoothness,
                                        absl::Span<const double> sigma,
                                        double distance, double epsilon) {
  const std::vector<double> distances(smoothness.size(), distance);
  ProofChain chain;
  ASSIGN_OR_RETURN(chain.bound, BoundAdaGrad(BoundedRun(path, epsilon),
                                             smoothness, sigma, distances));
  const double steps = static_cast<double>(path.steps);
  const double k =
      path.first_rate + distance * distance / (2.0 * path.last_rate);
  double trace = 0.0, signal = 0.0, noise = 0.0, everywhere = 0.0;
  double l1 = 0.0, weighted = 0.0;
  for (size_t j = 0; j < smoothness.size(); ++j) {
    trace += path.root_squares[j] / steps;
    signal += std::sqrt(path.signal[j] / steps);
    noise += std::sqrt(path.noise[j] / steps);
    everywhere += sigma[j] * std::sqrt(path.inverse_batches) / steps;
    l1 += smoothness[j];
    // A coordinate without curvature has no gradient.
    if (smoothness[j] > 0.0) weighted += path.signal[j] / smoothness[j];
  }
  const double rest = chain.bound.epsilon / 2.0;
  chain.links = {
      {"output", path.output_gap},
      {"average", path.mean_gap},
      {"convexity", path.inner},
      {"projection", path.telescoped + path.ratios},
      {"distances", distance * distance / (2.0 * path.last_rate) * trace +
                        path.ratios + rest},
      {"sum of ratios", k * trace + rest},
      {"signal and noise", k * (signal + noise) + rest},
      {"noise anywhere", k * (signal + everywhere) + rest},
      {"Cauchy-Schwarz",
       k * (std::sqrt(l1 * weighted / steps) + everywhere) + rest},
      {"smoothness", k * (std::sqrt(2.0 * l1 * path.mean_gap / steps) +
                          everywhere) + rest},
      {"solved", chain.bound.solved},
      {"2ab", chain.bound.total()},
  };
  return chain;
}

absl::StatusOr<std::optional<ProofChain>> SgdChain(const PathRecord& path,
                                                   double smoothness_linf,
                                                   double sigma_l2,
                                                   double distance) {
  SgdRun run;
  run.steps = path.steps;
  run.first_rate = path.first_rate;
  run.last_rate = path.last_rate;
  run.noise_rates = path.noise_rates;
  run.initial_distance = path.initial_distance;
  run.distance = distance;
  ASSIGN_OR_RETURN(const std::optional<ConvexBound> bound,
                   BoundSgd(run, smoothness_linf, sigma_l2));
  if (!bound.has_value()) return std::nullopt;
  const double c = std::min(1.0, 2.0 - path.first_rate * smoothness_linf);
  ProofChain chain;
  chain.bound = *bound;
  chain.links = {
      {"output", path.output_gap},
      {"average", path.mean_gap},
      {"smoothness", (path.inner - path.rate_signal / 2.0) / c},
      {"projection", (path.telescoped + path.rate_noise / 2.0) / c},
      {"distances", bound->bias + path.rate_noise / 2.0 / c},
      {"noise anywhere", bound->total()},
  };
  return chain;
}

}  // namespace anisograd
