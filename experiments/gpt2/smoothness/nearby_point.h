#ifndef EXPERIMENTS_GPT2_SMOOTHNESS_NEARBY_POINT_H_
#define EXPERIMENTS_GPT2_SMOOTHNESS_NEARBY_POINT_H_

#include <cstdint>

#include "absl/types/span.h"
#include "experiments/gpt2/net/parameters.h"
#include "experiments/gpt2/smoothness/smoothness.pb.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// w' = w + radius z into `nearby`, both of the layout's size; elements between
// tensors stay zero. z is a pure function of (seed, point, coordinate).
void MakeNearbyPoint(const ParameterLayout& layout,
                     absl::Span<const float> w, double radius,
                     Gpt2SmoothnessSpec::Direction direction, uint64_t seed,
                     uint32_t point, ThreadPool* pool,
                     absl::Span<float> nearby);

// w' = w + radius z into `nearby` likewise, with z_j = 1 where the gradient
// `there`, at a point near w, is at least `here`, w's own; else -1. From point to
// point the power method of Gpt2SmoothnessSpec.ascent_points.
void MakeAscentPoint(const ParameterLayout& layout,
                     absl::Span<const float> w, double radius,
                     absl::Span<const float> here,
                     absl::Span<const float> there, ThreadPool* pool,
                     absl::Span<float> nearby);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_SMOOTHNESS_NEARBY_POINT_H_
