#include "experiments/gpt2/smoothness/smoothness_spec.h"

#include <functional>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

Gpt2SmoothnessSpec Read(const std::string& name) {
  return ReadGpt2Smoothness("experiments/gpt2/" + name).value();
}

TEST(SmoothnessSpec, SpecsOfTheTreeAreValid) {
  EXPECT_EQ(Read("smoothness_full.textproto").name(), "smoothness_full");
  EXPECT_TRUE(Read("smoothness_full.textproto").reduced().empty());
  EXPECT_FALSE(Read("smoothness_reduced.textproto").reduced().empty());
}

// The full run but for the examples, and it says so.
TEST(SmoothnessSpec, ATenthIsTheFullRunOfATenthOfTheExamples) {
  Gpt2SmoothnessSpec tenth = Read("smoothness_tenth.textproto");
  EXPECT_EQ(tenth.sequence_stride(), 10);
  EXPECT_TRUE(absl::StrContains(tenth.reduced(), "a tenth of the examples"));
  tenth.set_name("smoothness_full");
  tenth.clear_sequence_stride();
  tenth.clear_reduced();
  EXPECT_EQ(ToTextProto(tenth), ToTextProto(Read("smoothness_full.textproto")));
}

TEST(SmoothnessSpec, TwoTokensAreTheShortestSequence) {
  Gpt2SmoothnessSpec spec = Read("smoothness_reduced.textproto");
  spec.set_sequence_length(2);
  EXPECT_OK(ValidateGpt2Smoothness(spec));
}

struct Bad {
  std::string field;
  std::function<void(Gpt2SmoothnessSpec*)> spoil;
};

TEST(SmoothnessSpec, BadFieldsAreNamed) {
  const Bad cases[] = {
      {"name", [](auto* s) { s->set_name("a b"); }},
      {"dataset", [](auto* s) { s->clear_dataset(); }},
      {"model.layers", [](auto* s) { s->mutable_model()->set_layers(0); }},
      {"start.kind", [](auto* s) { s->clear_start(); }},
      {"sequence_mode", [](auto* s) { s->clear_sequence_mode(); }},
      {"sequence_length", [](auto* s) { s->set_sequence_length(1); }},
      {"sequence_length", [](auto* s) { s->set_sequence_length(129); }},
      {"mask_prompt",
       [](auto* s) {
         s->set_sequence_mode(Gpt2Protocol::BLOCKS);
         s->set_mask_prompt(true);
       }},
      {"tokens_per_pass", [](auto* s) { s->clear_tokens_per_pass(); }},
      {"arithmetic", [](auto* s) { s->clear_arithmetic(); }},
      {"sequences", [](auto* s) { s->set_sequences(-1); }},
      {"sequence_stride", [](auto* s) { s->set_sequence_stride(-1); }},
      {"reduced",
       [](auto* s) {
         s->set_sequence_stride(2);
         s->clear_reduced();
       }},
      {"optimizer", [](auto* s) { s->clear_optimizer(); }},
      {"learning_rate", [](auto* s) { s->clear_learning_rate(); }},
      {"steps", [](auto* s) { s->clear_steps(); }},
      {"probe_interval", [](auto* s) { s->clear_probe_interval(); }},
      {"direction", [](auto* s) { s->clear_direction(); }},
      {"radius", [](auto* s) { s->clear_radius(); }},
      {"radius", [](auto* s) { s->add_radius(0); }},
      {"radius", [](auto* s) { s->add_radius(s->radius(0)); }},
      {"points_per_radius", [](auto* s) { s->clear_points_per_radius(); }},
      {"ascent_points", [](auto* s) { s->set_ascent_points(-1); }},
      {"coordinates_per_kind",
       [](auto* s) { s->clear_coordinates_per_kind(); }},
      {"aggregate_coordinates",
       [](auto* s) { s->clear_aggregate_coordinates(); }},
  };
  for (const Bad& bad : cases) {
    Gpt2SmoothnessSpec spec = Read("smoothness_reduced.textproto");
    ASSERT_OK(ValidateGpt2Smoothness(spec));
    bad.spoil(&spec);
    const absl::Status status = ValidateGpt2Smoothness(spec);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad.field;
    EXPECT_TRUE(absl::StartsWith(status.message(), bad.field))
        << bad.field << ": " << status;
  }
}

}  // namespace
}  // namespace anisograd
