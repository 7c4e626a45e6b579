#include "optim/projection.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "optim/validation.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

double Norm(absl::Span<const double> x) {
  double sum = 0.0;
  for (const double v : x) sum += v * v;
  return std::sqrt(sum);
}

void ClampToBox(double radius, absl::Span<double> weights) {
  for (double& w : weights) w = std::min(std::max(w, -radius), radius);
}

}  // namespace

absl::Status ProjectEuclidean(const ProjectionSpec& spec,
                              absl::Span<double> weights) {
  RETURN_IF_ERROR(ValidateProjection(spec, "projection"));
  if (spec.kind() == ProjectionSpec::BOX) {
    ClampToBox(spec.radius(), weights);
  } else if (spec.kind() == ProjectionSpec::L2_BALL) {
    const double norm = Norm(weights);
    if (norm > spec.radius()) {
      for (double& w : weights) w *= spec.radius() / norm;
    }
  }
  return absl::OkStatus();
}

absl::Status ProjectWeighted(const ProjectionSpec& spec,
                             absl::Span<const double> scale,
                             absl::Span<double> weights) {
  RETURN_IF_ERROR(ValidateProjection(spec, "projection"));
  if (scale.size() != weights.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("scale: has ", scale.size(), " entries for ",
                     weights.size(), " weights"));
  }
  for (size_t j = 0; j < scale.size(); ++j) {
    if (!(std::isfinite(scale[j]) && scale[j] > 0.0)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "scale[", j, "]: must be positive and finite, got ", scale[j]));
    }
  }
  if (spec.kind() == ProjectionSpec::BOX) {
    ClampToBox(spec.radius(), weights);
    return absl::OkStatus();
  }
  const double radius = spec.radius();
  if (spec.kind() != ProjectionSpec::L2_BALL || Norm(weights) <= radius) {
    return absl::OkStatus();
  }
  double mu = 0.0;
  constexpr int kMostIterations = 100;
  for (int i = 0; i < kMostIterations; ++i) {
    // phi(mu) = 1 / |z| - 1 / r; phi' = sum z_j^2 / (scale_j + mu) / |z|^3.
    double squares = 0.0, weighted = 0.0;
    for (size_t j = 0; j < weights.size(); ++j) {
      const double z = weights[j] * scale[j] / (scale[j] + mu);
      squares += z * z;
      weighted += z * z / (scale[j] + mu);
    }
    const double norm = std::sqrt(squares);
    const double next =
        mu + (1.0 / radius - 1.0 / norm) * norm * squares / weighted;
    if (!(next > mu)) break;
    mu = next;
  }
  for (size_t j = 0; j < weights.size(); ++j) {
    weights[j] *= scale[j] / (scale[j] + mu);
  }
  return absl::OkStatus();
}

}  // namespace anisograd
