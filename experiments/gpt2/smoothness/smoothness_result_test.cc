#include "experiments/gpt2/smoothness/smoothness_result.h"

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "experiments/gpt2/smoothness/made_up_smoothness.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// f(w) = w^2 / 2. A point along ascent between the two others.
Gpt2SmoothnessResult Valid() {
  return MadeUpSmoothness(
      {"wte.weight"}, [](int t) { return std::vector<double>{0.5 * t}; },
      [](const std::vector<double>& w) { return w; }, /*ascent_points=*/1);
}

TEST(SmoothnessResult, WholeRunsAndExplosionsAreValid) {
  Gpt2SmoothnessResult result = Valid();
  EXPECT_OK(ValidateSmoothnessResult(result));
  // Explosions at step 3: probes 0 and 2 are there.
  result.set_outcome(Run::EXPLODED);
  result.set_explosion_step(3);
  result.mutable_loss()->Truncate(4);
  EXPECT_FALSE(ValidateSmoothnessResult(result).ok());
  result.mutable_probe()->DeleteSubrange(2, result.probe_size() - 2);
  EXPECT_OK(ValidateSmoothnessResult(result));
  // At the first.
  result.set_explosion_step(0);
  result.mutable_loss()->Truncate(1);
  result.clear_probe();
  EXPECT_OK(ValidateSmoothnessResult(result));
}

struct Bad {
  std::string field;
  std::function<void(Gpt2SmoothnessResult*)> spoil;
};

TEST(SmoothnessResult, BadFieldsAreNamed) {
  const float infinity = std::numeric_limits<float>::infinity();
  const Bad cases[] = {
      {"spec.steps", [](auto* r) { r->mutable_spec()->set_steps(0); }},
      {"coordinate[1].sample",
       [](auto* r) { r->mutable_coordinate(1)->clear_sample(); }},
      {"coordinate[0].tensor",
       [](auto* r) { r->mutable_coordinate(0)->clear_tensor(); }},
      {"coordinate[0].kind",
       [](auto* r) { r->mutable_coordinate(0)->clear_kind(); }},
      {"outcome", [](auto* r) { r->clear_outcome(); }},
      {"loss", [](auto* r) { r->add_loss(1); }},
      {"probe", [](auto* r) { r->add_probe(); }},
      {"explosion_step",
       [](auto* r) {
         r->set_outcome(Run::EXPLODED);
         r->set_explosion_step(40);
       }},
      {"probe[3].iteration",
       [](auto* r) { r->mutable_probe(3)->set_iteration(7); }},
      {"probe[0].gradient",
       [](auto* r) { r->mutable_probe(0)->add_gradient(0); }},
      {"probe[0].gradient",
       [&](auto* r) { r->mutable_probe(0)->set_gradient(1, infinity); }},
      {"probe[2].nearby", [](auto* r) { r->mutable_probe(2)->add_nearby(); }},
      {"probe[0].nearby", [](auto* r) { r->mutable_spec()->set_ascent_points(2); }},
      {"probe[2].nearby[1].radius",
       [](auto* r) {
         r->mutable_probe(2)->mutable_nearby(1)->set_radius(0.125);
       }},
      {"probe[2].nearby[2].radius",
       [](auto* r) {
         r->mutable_probe(2)->mutable_nearby(2)->set_radius(0.25);
       }},
      {"probe[2].nearby[1].ascent",
       [](auto* r) { r->mutable_probe(2)->mutable_nearby(1)->clear_ascent(); }},
      {"probe[2].nearby[2].ascent",
       [](auto* r) {
         r->mutable_probe(2)->mutable_nearby(2)->set_ascent(true);
       }},
      {"probe[2].nearby[1].gradient",
       [](auto* r) {
         r->mutable_probe(2)->mutable_nearby(1)->clear_gradient();
       }},
      {"probe[2].nearby[0].displacement",
       [&](auto* r) {
         r->mutable_probe(2)->mutable_nearby(0)->set_displacement(0, -infinity);
       }},
  };
  for (const Bad& bad : cases) {
    Gpt2SmoothnessResult result = Valid();
    bad.spoil(&result);
    const absl::Status status = ValidateSmoothnessResult(result);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad.field;
    EXPECT_TRUE(absl::StartsWith(status.message(), bad.field + ": "))
        << status;
  }
}

}  // namespace
}  // namespace anisograd
