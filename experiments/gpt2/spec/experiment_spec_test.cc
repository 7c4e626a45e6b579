#include "experiments/gpt2/spec/experiment_spec.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <string>

#include "absl/strings/match.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

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

TEST(Gpt2ExperimentSpec, CellsAreValidToo) {
  ASSERT_OK_AND_ASSIGN(const Gpt2ExperimentSpec cell,
                       ExpandCell(TinyFamily(), "adam", 7));
  EXPECT_OK(ValidateGpt2Experiment(cell));
  EXPECT_EQ(cell.method_size(), 1);
  EXPECT_EQ(cell.batch_size_size(), 1);
  EXPECT_EQ(ExpandCell(TinyFamily(), "lion", 7).status().message(),
            "method: tiny has no method \"lion\"");
  EXPECT_EQ(ExpandCell(TinyFamily(), "adam", 8).status().message(),
            "batch_size: tiny has no batch size 8");
}

TEST(Gpt2ExperimentSpec, BadFieldsAreNamed) {
  using S = Gpt2ExperimentSpec;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Bad cases[] = {
      {"name", [](S* s) { s->set_name("a/b"); }},
      {"dataset", [](S* s) { s->clear_dataset(); }},
      // The rest of it: config_test.
      {"model.layers", [](S* s) { s->clear_model(); }},
      {"model.heads", [](S* s) { s->mutable_model()->set_heads(3); }},
      {"start.kind: must be set", [](S* s) { s->clear_start(); }},
      {"start.kind: is not",
       [](S* s) {
         s->mutable_start()->set_kind(static_cast<Gpt2Start::Kind>(77));
       }},
      {"method: give", [](S* s) { s->clear_method(); }},
      {"method[0].name: must",
       [](S* s) { s->mutable_method(0)->clear_name(); }},
      {"method[1].name: \"sgd\" stands twice",
       [](S* s) { s->mutable_method(1)->set_name("sgd"); }},
      {"method[1].optimizer",
       [](S* s) { s->mutable_method(1)->clear_optimizer(); }},
      {"batch_size: give", [](S* s) { s->clear_batch_size(); }},
      {"batch_size[0]: must", [](S* s) { s->set_batch_size(0, 0); }},
      {"batch_size[1]: 4 stands twice", [](S* s) { s->set_batch_size(1, 4); }},
      {"grid.learning_rate: the grid is empty", [](S* s) { s->clear_grid(); }},
      {"grid.learning_rate[0]",
       [](S* s) { s->mutable_grid()->set_learning_rate(0, -1); }},
      {"grid.schedule: the grid is empty",
       [](S* s) { s->mutable_grid()->clear_schedule(); }},
      {"grid.schedule[0].kind",
       [](S* s) { s->mutable_grid()->mutable_schedule(0)->clear_kind(); }},
      {"seed: give", [](S* s) { s->clear_seed(); }},
      {"seed: stands twice", [](S* s) { s->set_seed(1, s->seed(0)); }},
      {"protocol.epochs", [](S* s) { s->clear_protocol(); }},
      {"protocol.epochs", [](S* s) { s->mutable_protocol()->set_epochs(0); }},
      {"protocol.sequence_mode: must be set",
       [](S* s) { s->mutable_protocol()->clear_sequence_mode(); }},
      {"protocol.sequence_mode: is not",
       [](S* s) {
         s->mutable_protocol()->set_sequence_mode(
             static_cast<Gpt2Protocol::SequenceMode>(77));
       }},
      {"protocol.sequence_length",
       [](S* s) { s->mutable_protocol()->set_sequence_length(1); }},
      {"protocol.sequence_length",
       [](S* s) { s->mutable_protocol()->set_sequence_length(11); }},
      {"protocol.mask_prompt",
       [](S* s) {
         s->mutable_protocol()->set_sequence_mode(Gpt2Protocol::BLOCKS);
         s->mutable_protocol()->set_mask_prompt(true);
       }},
      {"protocol.batch_divisor",
       [](S* s) { s->mutable_protocol()->set_batch_divisor(2); }},
      {"protocol.batch_divisor",
       [](S* s) { s->mutable_protocol()->set_batch_divisor(-1); }},
      {"reduced",
       [](S* s) {
         s->clear_batch_size();
         s->add_batch_size(8);
         s->mutable_protocol()->set_batch_divisor(2);
       }},
      {"protocol.last_batch: must be set",
       [](S* s) { s->mutable_protocol()->clear_last_batch(); }},
      {"protocol.last_batch: is not",
       [](S* s) {
         s->mutable_protocol()->set_last_batch(
             static_cast<LogisticProtocol::LastBatch>(77));
       }},
      {"protocol.accumulation: must be set",
       [](S* s) { s->mutable_protocol()->clear_accumulation(); }},
      {"protocol.accumulation: is not",
       [](S* s) {
         s->mutable_protocol()->set_accumulation(
             static_cast<Gpt2Protocol::Accumulation>(77));
       }},
      {"protocol.micro_batch_size",
       [](S* s) { s->mutable_protocol()->set_micro_batch_size(0); }},
      {"protocol.max_gradient_norm",
       [nan](S* s) { s->mutable_protocol()->set_max_gradient_norm(nan); }},
      {"protocol.max_gradient_norm",
       [](S* s) { s->mutable_protocol()->set_max_gradient_norm(-1); }},
      {"protocol.reported_loss: must be set",
       [](S* s) { s->mutable_protocol()->clear_reported_loss(); }},
      {"protocol.reported_loss: is not",
       [](S* s) {
         s->mutable_protocol()->set_reported_loss(
             static_cast<Gpt2Protocol::ReportedLoss>(77));
       }},
      {"protocol.tokens_per_pass",
       [](S* s) { s->mutable_protocol()->set_tokens_per_pass(0); }},
      {"protocol.arithmetic: must be set",
       [](S* s) { s->mutable_protocol()->clear_arithmetic(); }},
      {"protocol.arithmetic: is not",
       [](S* s) {
         s->mutable_protocol()->set_arithmetic(
             static_cast<Gpt2Protocol::Arithmetic>(77));
       }},
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

TEST(Gpt2ExperimentSpec, AMicroBatchMayBeOfOneSequence) {
  Gpt2ExperimentSpec spec = TinyFamily();
  spec.mutable_protocol()->set_micro_batch_size(1);
  EXPECT_OK(ValidateGpt2Experiment(spec));
  spec.mutable_protocol()->set_micro_batch_size(0);
  EXPECT_TRUE(absl::StrContains(ValidateGpt2Experiment(spec).message(),
                                "protocol.micro_batch_size"));
}

TEST(Gpt2ExperimentSpec, StepsTakeTheDividedBatch) {
  ASSERT_OK_AND_ASSIGN(Gpt2ExperimentSpec cell,
                       ExpandCell(TinyFamily(), "sgd", 16));
  EXPECT_EQ(SequencesPerStep(cell), 16);
  cell.set_reduced("M / 4");
  cell.mutable_protocol()->set_batch_divisor(4);
  EXPECT_OK(ValidateGpt2Experiment(cell));
  EXPECT_EQ(SequencesPerStep(cell), 4);
  cell.mutable_protocol()->set_batch_divisor(1);
  EXPECT_EQ(SequencesPerStep(cell), 16);
}

TEST(Gpt2ExperimentSpec, ErrorsNameFileAndLine) {
  const std::string path = testing::TempDir() + "/spec.textproto";
  ASSERT_OK(WriteFileAtomically(path, "name: \"a\"\nlearning_speed: 3\n"));
  absl::Status status = ReadGpt2Experiment(path).status();
  EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat(path, ":2")))
      << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "learning_speed")) << status;

  // Known fields with a bad value.
  std::string text = ToTextProto(TinyFamily());
  const std::string good = "epochs: 2";
  ASSERT_NE(text.find(good), std::string::npos);
  text.replace(text.find(good), good.size(), "epochs: -3");
  ASSERT_OK(WriteFileAtomically(path, text));
  const auto line = 1 + std::count(text.begin(),
                                   text.begin() + text.find("epochs: -3"),
                                   '\n');
  EXPECT_EQ(ReadGpt2Experiment(path).status().message(),
            absl::StrCat(path, ":", line,
                         ": protocol.epochs: must be positive, got -3"));
  EXPECT_TRUE(absl::IsNotFound(ReadGpt2Experiment(path + "x").status()));
}

}  // namespace
}  // namespace anisograd
