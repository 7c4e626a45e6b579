#include "experiments/gpt2/experiment_spec.h"

#include <functional>
#include <limits>
#include <string>

#include "absl/strings/match.h"
#include "experiments/gpt2/tiny_experiment.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

TEST(Gpt2ExperimentSpec, SpecsOfTheTreeAreValidAndComplete) {
  for (const char* name : {"alpaca", "alpaca_reduced"}) {
    ASSERT_OK_AND_ASSIGN(
        const Gpt2ExperimentSpec family,
        ReadGpt2Experiment(absl::StrCat("experiments/gpt2/", name,
                                        ".textproto")));
    EXPECT_EQ(family.name(), name);
    // Every batch size of Table 4.
    for (const int64_t batch_size : {32, 64, 128, 256, 512, 1024}) {
      for (const char* method : {"sgd", "adagrad"}) {
        EXPECT_TRUE(ExpandCell(family, method, batch_size).ok());
      }
    }
    EXPECT_EQ(family.reduced().empty(), name == std::string("alpaca"));
  }
}

struct Bad {
  std::string field;
  std::function<void(Gpt2ExperimentSpec*)> spoil;
};

TEST(Gpt2ExperimentSpec, BadFieldsAreNamed) {
  using S = Gpt2ExperimentSpec;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Bad cases[] = {
      {"name", [](S* s) { s->set_name("a/b"); }},
      {"dataset", [](S* s) { s->clear_dataset(); }},
      {"model.heads", [](S* s) { s->mutable_model()->set_heads(3); }},
      {"start.kind", [](S* s) { s->clear_start(); }},
      {"method", [](S* s) { s->clear_method(); }},
      {"method", [](S* s) { s->mutable_method(1)->clear_optimizer(); }},
      {"batch_size", [](S* s) { s->set_batch_size(0, 0); }},
      {"grid", [](S* s) { s->clear_grid(); }},
      {"grid", [](S* s) { s->mutable_grid()->set_learning_rate(0, -1); }},
      {"seed", [](S* s) { s->clear_seed(); }},
      {"protocol.epochs", [](S* s) { s->mutable_protocol()->set_epochs(0); }},
      {"protocol.sequence_mode",
       [](S* s) { s->mutable_protocol()->clear_sequence_mode(); }},
      {"protocol.sequence_length",
       [](S* s) { s->mutable_protocol()->set_sequence_length(1); }},
      {"protocol.sequence_length",
       [](S* s) { s->mutable_protocol()->set_sequence_length(11); }},
      {"protocol.mask_prompt",
       [](S* s) {
         s->mutable_protocol()->set_sequence_mode(Gpt2Protocol::BLOCKS);
         s->mutable_protocol()->set_mask_prompt(true);
       }},
      {"protocol.last_batch",
       [](S* s) { s->mutable_protocol()->clear_last_batch(); }},
      {"protocol.accumulation",
       [](S* s) { s->mutable_protocol()->clear_accumulation(); }},
      {"protocol.micro_batch_size",
       [](S* s) { s->mutable_protocol()->set_micro_batch_size(0); }},
      {"protocol.max_gradient_norm",
       [nan](S* s) { s->mutable_protocol()->set_max_gradient_norm(nan); }},
      {"protocol.reported_loss",
       [](S* s) { s->mutable_protocol()->clear_reported_loss(); }},
      {"protocol.tokens_per_pass",
       [](S* s) { s->mutable_protocol()->set_tokens_per_pass(0); }},
  };
  for (const Bad& bad : cases) {
    Gpt2ExperimentSpec spec = TinyFamily();
    ASSERT_OK(ValidateGpt2Experiment(spec));
    bad.spoil(&spec);
    const absl::Status status = ValidateGpt2Experiment(spec);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad.field;
    EXPECT_TRUE(absl::StartsWith(status.message(), bad.field))
        << bad.field << ": " << status;
  }
}

TEST(Gpt2ExperimentSpec, ErrorsNameFileAndLine) {
  const std::string path = testing::TempDir() + "/spec.textproto";
  ASSERT_OK(WriteFileAtomically(path, "name: \"a\"\nlearning_speed: 3\n"));
  absl::Status status = ReadGpt2Experiment(path).status();
  EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat(path, ":2")))
      << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "learning_speed")) << status;
  EXPECT_TRUE(absl::IsNotFound(ReadGpt2Experiment(path + "x").status()));
}

}  // namespace
}  // namespace anisograd
