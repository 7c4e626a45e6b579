#ifndef EXPERIMENTS_GPT2_SMOOTHNESS_MADE_UP_SMOOTHNESS_H_
#define EXPERIMENTS_GPT2_SMOOTHNESS_MADE_UP_SMOOTHNESS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "experiments/gpt2/smoothness/smoothness.pb.h"
#include "experiments/spec_parts.h"
#include "gtest/gtest.h"
#include "tools/base/textproto.h"

namespace anisograd {

// What the probe would write for a function of a few variables, for tests whose
// answer is known: every variable j is a coordinate of both samples, of tensor
// `tensors[j]` and its kind; w_t = path(t) for t = 0, 2, ..., 38, and at each two
// nearby points w + r z with z_j = +-1, at r = 1/4 and at r = 1/8, and
// `ascent_points` along the gradient's change at r = 1/4.
inline Gpt2SmoothnessResult MadeUpSmoothness(
    const std::vector<std::string>& tensors,
    const std::function<std::vector<double>(int t)>& path,
    const std::function<std::vector<double>(const std::vector<double>& w)>&
        gradient,
    int ascent_points = 0) {
  Gpt2SmoothnessResult result;
  const absl::Status status = ParseTextProto(R"(
    name: "tiny" dataset: "tokens"
    model {
      layers: 2 heads: 2 width: 8 context: 7 vocabulary: 11
      layer_norm_epsilon: 1e-5 initializer_range: 0.3
    }
    start { kind: RANDOM seed: 1 }
    sequence_mode: PACKED sequence_length: 6 tokens_per_pass: 8
    arithmetic: FLOAT32
    optimizer { adam { beta1: 0.9 beta2: 0.999 epsilon: 1e-8 } }
    learning_rate: 0.01 steps: 40 probe_interval: 2
    direction: SIGNS radius: [0.25, 0.125] points_per_radius: 1
    coordinates_per_kind: 3 aggregate_coordinates: 40 seed: 7
  )", "spec", result.mutable_spec());
  EXPECT_TRUE(status.ok()) << status;
  result.mutable_spec()->set_ascent_points(ascent_points);
  const Gpt2SmoothnessSpec& spec = result.spec();
  result.set_spec_digest(SpecDigest(spec));
  result.set_target("//:tiny");
  result.set_device("CPU (x86-64-v3)");
  result.mutable_dataset()->set_digest("of the tokens");
  result.mutable_start()->set_digest("of the start");
  result.set_outcome(Run::CONVERGED);
  for (const ProbedCoordinate::Sample sample :
       {ProbedCoordinate::STRATIFIED, ProbedCoordinate::UNIFORM}) {
    for (size_t j = 0; j < tensors.size(); ++j) {
      ProbedCoordinate* const coordinate = result.add_coordinate();
      coordinate->set_sample(sample);
      coordinate->set_tensor(tensors[j]);
      coordinate->set_kind(tensors[j].compare(0, 2, "h.") == 0
                               ? tensors[j].substr(4)
                               : tensors[j]);
      coordinate->set_index(static_cast<int64_t>(j));
    }
  }
  for (int t = 0; t < spec.steps(); ++t) {
    result.add_loss(1.0f);
    result.add_gradient_norm(1.0f);
    if (t % spec.probe_interval() != 0) continue;
    const std::vector<double> w = path(t);
    SmoothnessProbe* const probe = result.add_probe();
    probe->set_iteration(t);
    for (int copy = 0; copy < 2; ++copy) {
      for (const double g : gradient(w)) {
        probe->add_gradient(static_cast<float>(g));
      }
    }
    for (int k = 0; k < spec.radius_size(); ++k) {
      const double r = spec.radius(k);
      std::vector<double> moved = w;
      for (size_t j = 0; j < w.size(); ++j) {
        // All pairs of signs occur.
        const bool negative = ((t / 2 + k) >> (j % 2) & 1) != 0;
        moved[j] += negative ? -r : r;
      }
      for (int n = 0; n <= (k == 0 ? ascent_points : 0); ++n) {
        NearbyPoint* const nearby = probe->add_nearby();
        nearby->set_radius(r);
        nearby->set_ascent(n > 0);
        const std::vector<double> here = gradient(w), there = gradient(moved);
        for (int copy = 0; copy < 2; ++copy) {
          for (size_t j = 0; j < w.size(); ++j) {
            nearby->add_gradient(static_cast<float>(there[j]));
            nearby->add_displacement(static_cast<float>(w[j] - moved[j]));
          }
        }
        for (size_t j = 0; j < w.size(); ++j) {
          moved[j] = w[j] + (there[j] < here[j] ? -r : r);
        }
      }
    }
  }
  return result;
}

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_SMOOTHNESS_MADE_UP_SMOOTHNESS_H_
