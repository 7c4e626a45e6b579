#include "experiments/gpt2/smoothness/smoothness_result.h"

#include <cmath>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "experiments/gpt2/smoothness/smoothness_spec.h"
#include "experiments/spec_parts.h"
#include "google/protobuf/repeated_field.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

absl::Status CheckSize(int64_t size, int64_t expected,
                       const std::string& field) {
  if (size == expected) return absl::OkStatus();
  return BadField(field, absl::StrCat("has ", size, " elements, not ",
                                      expected));
}

absl::Status CheckArray(const google::protobuf::RepeatedField<float>& values,
                        int64_t size, const std::string& field) {
  RETURN_IF_ERROR(CheckSize(values.size(), size, field));
  for (const float value : values) {
    if (!std::isfinite(value)) return BadField(field, "is not finite");
  }
  return absl::OkStatus();
}

absl::Status CheckCoordinates(const Gpt2SmoothnessResult& result) {
  for (int j = 0; j < result.coordinate_size(); ++j) {
    const ProbedCoordinate& coordinate = result.coordinate(j);
    const std::string field = absl::StrCat("coordinate[", j, "]");
    RETURN_IF_ERROR(CheckEnum(coordinate.sample(),
                              ProbedCoordinate::Sample_IsValid,
                              field + ".sample"));
    if (coordinate.tensor().empty()) {
      return BadField(field + ".tensor", "must be set");
    }
    if (coordinate.kind().empty()) {
      return BadField(field + ".kind", "must be set");
    }
  }
  return absl::OkStatus();
}

// Probe `i`, from 0.
absl::Status CheckProbe(const Gpt2SmoothnessResult& result, int i) {
  const Gpt2SmoothnessSpec& spec = result.spec();
  const SmoothnessProbe& probe = result.probe(i);
  const std::string field = absl::StrCat("probe[", i, "]");
  const int64_t iteration = int64_t{i} * spec.probe_interval();
  if (probe.iteration() != iteration) {
    return BadField(field + ".iteration",
                    absl::StrCat("is ", probe.iteration(), ", not ", iteration));
  }
  RETURN_IF_ERROR(CheckArray(probe.gradient(), result.coordinate_size(),
                             field + ".gradient"));
  const int64_t random = spec.points_per_radius();
  const int64_t ascent = spec.ascent_points();
  RETURN_IF_ERROR(CheckSize(probe.nearby_size(),
                            spec.radius_size() * random + ascent,
                            field + ".nearby"));
  for (int k = 0; k < probe.nearby_size(); ++k) {
    const NearbyPoint& nearby = probe.nearby(k);
    const std::string point = absl::StrCat(field, ".nearby[", k, "]");
    const bool is_ascent = k >= random && k < random + ascent;
    if (nearby.ascent() != is_ascent) {
      return BadField(point + ".ascent", is_ascent ? "must be set" : "must not be set");
    }
    const int64_t drawn = is_ascent ? 0 : k < random ? k : k - ascent;
    const double radius = spec.radius(static_cast<int>(drawn / random));
    if (nearby.radius() != radius) {
      return BadField(point + ".radius",
                      absl::StrCat("is ", nearby.radius(), ", not ", radius));
    }
    RETURN_IF_ERROR(CheckArray(nearby.gradient(), result.coordinate_size(),
                               point + ".gradient"));
    RETURN_IF_ERROR(CheckArray(nearby.displacement(), result.coordinate_size(),
                               point + ".displacement"));
  }
  return absl::OkStatus();
}

// Losses and probes of a run to its end, or of an explosion.
absl::Status CheckLength(const Gpt2SmoothnessResult& result) {
  const Gpt2SmoothnessSpec& spec = result.spec();
  const int64_t steps = spec.steps();
  const int64_t probes = (steps - 1) / spec.probe_interval() + 1;
  switch (result.outcome()) {
    case Run::CONVERGED:
      RETURN_IF_ERROR(CheckSize(result.loss_size(), steps, "loss"));
      return CheckSize(result.probe_size(), probes, "probe");
    case Run::EXPLODED:
      if (result.explosion_step() < 0 || result.explosion_step() >= steps) {
        return BadField("explosion_step",
                        absl::StrCat("must be in [0, ", steps, "), got ",
                                     result.explosion_step()));
      }
      // The explosion's own loss is kept, and no probe of its step.
      RETURN_IF_ERROR(CheckSize(result.loss_size(),
                                result.explosion_step() + 1, "loss"));
      return CheckSize(result.probe_size(),
                       (result.explosion_step() + spec.probe_interval() - 1) /
                           spec.probe_interval(),
                       "probe");
    default:
      return BadField("outcome", "must be CONVERGED or EXPLODED");
  }
}

}  // namespace

absl::Status ValidateSmoothnessResult(const Gpt2SmoothnessResult& result) {
  const absl::Status spec = ValidateGpt2Smoothness(result.spec());
  if (!spec.ok()) {
    return absl::Status(spec.code(), absl::StrCat("spec.", spec.message()));
  }
  RETURN_IF_ERROR(CheckCoordinates(result));
  RETURN_IF_ERROR(CheckLength(result));
  for (int i = 0; i < result.probe_size(); ++i) {
    RETURN_IF_ERROR(CheckProbe(result, i));
  }
  return absl::OkStatus();
}

}  // namespace anisograd
