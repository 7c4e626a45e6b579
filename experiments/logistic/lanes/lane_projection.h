#ifndef EXPERIMENTS_LOGISTIC_LANES_LANE_PROJECTION_H_
#define EXPERIMENTS_LOGISTIC_LANES_LANE_PROJECTION_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "optim/optimizer.pb.h"
#include "optim/projection.h"
#include "tools/base/lanes.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// Option I with the ball {w : |w|_2 <= radius}, for every lane of a lane
// trainer's blocks (weights, then states, lanes side by side), in the metric of
// the rule: a pass over all coordinates, and for each lane that is outside the
// projection of optim/projection.h.
template <typename Rule, typename V>
class LaneBallProjection {
 public:
  LaneBallProjection(double radius, int64_t dimension)
      : weights_(dimension), scale_(dimension) {
    spec_.set_kind(ProjectionSpec::L2_BALL);
    spec_.set_radius(radius);
  }

  void Apply(const Rule& rule, double* blocks) {
    const int64_t dimension = static_cast<int64_t>(weights_.size());
    V squares(0.0);
    for (int64_t j = 0; j < dimension; ++j) {
      const V w = LaneTraits<V>::Load(blocks + j * kBlock);
      squares = squares + w * w;
    }
    const V norm = Sqrt(squares);
    if (!AnyGreater(norm, V(spec_.radius()))) return;
    alignas(32) double norms[kLanes];
    LaneTraits<V>::Store(norm, norms);
    for (int i = 0; i < kLanes; ++i) {
      if (norms[i] > spec_.radius()) ApplyToLane(rule, blocks + i);
    }
  }

 private:
  static constexpr int kLanes = LaneTraits<V>::kLanes;
  static constexpr int kBlock = (1 + Rule::kStates) * kLanes;

  void ApplyToLane(const Rule& rule, double* lane) {
    for (size_t j = 0; j < weights_.size(); ++j) {
      weights_[j] = lane[j * kBlock];
      if constexpr (!Rule::kEuclidean) {
        double states[Rule::kStates];
        for (int s = 0; s < Rule::kStates; ++s) {
          states[s] = lane[j * kBlock + (1 + s) * kLanes];
        }
        scale_[j] = rule.Metric(states);
      }
    }
    const absl::Span<double> weights = absl::MakeSpan(weights_);
    const absl::Status status = Rule::kEuclidean
                                    ? ProjectEuclidean(spec_, weights)
                                    : ProjectWeighted(spec_, scale_, weights);
    // A metric that has overflowed: the run counts as exploded.
    if (!status.ok()) {
      std::fill(weights.begin(), weights.end(),
                std::numeric_limits<double>::quiet_NaN());
    }
    for (size_t j = 0; j < weights_.size(); ++j) {
      lane[j * kBlock] = weights_[j];
    }
  }

  ProjectionSpec spec_;
  // Of one lane.
  std::vector<double> weights_;
  std::vector<double> scale_;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_LANES_LANE_PROJECTION_H_
