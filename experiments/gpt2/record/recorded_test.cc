#include "experiments/gpt2/record/recorded.h"

#include <functional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "experiments/gpt2/train/cell.h"
#include "experiments/gpt2/train/cpu_trainable_model.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "experiments/spec_parts.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

Gpt2ExperimentSpec Cell() {
  return ExpandCell(TinyFamily(), "adagrad", 16).value();
}

// As a machine with a GPU would hand it in.
Gpt2Result Recorded() {
  ThreadPool pool(1);
  const Gpt2ExperimentSpec cell = Cell();
  const auto model = MakeCpuTrainableModel(cell.model(), &pool);
  StartRecord start;
  start.set_digest("of the start");
  Gpt2Result result =
      RunGpt2Cell(cell, TinyTokens(), start, InitialParameters(cell.model()),
                  model.get(), {})
          .value();
  result.set_device("a GPU");
  result.set_source_revision("abc123");
  return result;
}

absl::StatusOr<Gpt2Result> ReadBack(const Gpt2Result& result) {
  const std::string path = testing::TempDir() + "/recorded.textproto";
  EXPECT_OK(WriteFileAtomically(path, ToTextProto(result)));
  return ReadRecordedResult(path, Cell());
}

TEST(RecordedText, IsWhatIsRead) {
  Gpt2Result result = Recorded();
  ASSERT_OK_AND_ASSIGN(const std::string text, RecordedText(result, Cell()));
  EXPECT_TRUE(absl::StartsWith(
      text, "# proto-file: experiments/gpt2/spec/result.proto\n"
            "# proto-message: anisograd.Gpt2Result\n\n"));
  const std::string path = testing::TempDir() + "/text.textproto";
  ASSERT_OK(WriteFileAtomically(path, text));
  ASSERT_OK_AND_ASSIGN(const Gpt2Result read, ReadRecordedResult(path, Cell()));
  EXPECT_EQ(SerializeDeterministically(read),
            SerializeDeterministically(result));
  // What would not be read is not written.
  result.clear_source_revision();
  const absl::Status status = RecordedText(result, Cell()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "source_revision: must be set");
}

TEST(RecordedResult, OfTheSpecAsItIsIsTaken) {
  const Gpt2Result recorded = Recorded();
  ASSERT_OK_AND_ASSIGN(const Gpt2Result read, ReadBack(recorded));
  EXPECT_EQ(read.SerializeAsString(), recorded.SerializeAsString());
}

TEST(RecordedResult, OfTheDataAsTheyAreIsTaken) {
  const TokenRecord recorded = Recorded().dataset();
  TokenFile tokens = TinyTokens();
  EXPECT_OK(CheckRecordedData(recorded, tokens));
  tokens.digest = "of others";
  const absl::Status status = CheckRecordedData(recorded, tokens);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(
      status.message(), "dataset.digest: stale: recorded on of the tiny tokens, "
                        "but that of tiny_tokens is now of others"));
  // The official data cannot be had any more.
  tokens.info.stand_in = true;
  EXPECT_OK(CheckRecordedData(recorded, tokens));
}

TEST(RecordedResult, OfAStandInIsStaleWhereTheOfficialDataAreThere) {
  TokenRecord recorded = Recorded().dataset();
  recorded.set_stand_in(true);
  TokenFile tokens = TinyTokens();
  tokens.digest = "of the official ones";
  for (const bool stand_in : {false, true}) {
    tokens.info.stand_in = stand_in;
    EXPECT_FALSE(CheckRecordedData(recorded, tokens).ok()) << stand_in;
  }
  tokens.digest = recorded.digest();
  EXPECT_OK(CheckRecordedData(recorded, tokens));
}

// A start that stands in for the weights is kept, unless none may.
TEST(RecordedResult, OfStandInsIsNotOfficial) {
  Gpt2Result recorded = Recorded();
  EXPECT_OK(CheckRecordedIsOfficial(recorded.dataset(), recorded.start()));
  recorded.mutable_start()->set_stand_in(true);
  recorded.mutable_start()->set_note("random start");
  EXPECT_OK(ReadBack(recorded).status());
  absl::Status status =
      CheckRecordedIsOfficial(recorded.dataset(), recorded.start());
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(),
            "start.stand_in: recorded of a stand-in (random start), and "
            "--//data:require_official refuses that");
  recorded.mutable_start()->set_stand_in(false);
  recorded.mutable_dataset()->set_stand_in(true);
  status = CheckRecordedIsOfficial(recorded.dataset(), recorded.start());
  EXPECT_TRUE(absl::StartsWith(status.message(), "dataset.stand_in: "))
      << status;
}

TEST(RecordedResult, APretrainedStartIsKept) {
  Gpt2Result recorded = Recorded();
  StartRecord* const start = recorded.mutable_start();
  start->set_stand_in(true);
  start->set_note("stand-in");
  start->mutable_pretraining()->set_parameters_digest(start->digest());
  start->mutable_pretraining()->set_final_loss(3.5117);
  ASSERT_OK_AND_ASSIGN(const Gpt2Result read, ReadBack(recorded));
  EXPECT_EQ(read.start().SerializeAsString(), start->SerializeAsString());
}

TEST(RecordedResult, StaleOrIncompleteOnesAreRefused) {
  const struct {
    std::string field;
    std::function<void(Gpt2Result*)> spoil;
  } cases[] = {
      {"spec_digest: stale",
       [](auto* r) { r->set_spec_digest("of older times"); }},
      {"spec: is not", [](auto* r) { r->mutable_spec()->set_name("other"); }},
      {"device: must", [](auto* r) { r->clear_device(); }},
      {"source_revision: must", [](auto* r) { r->clear_source_revision(); }},
      {"digest: of", [](auto* r) { r->clear_start(); }},
      {"start.stand_in: must be true",
       [](auto* r) {
         r->mutable_start()->mutable_pretraining()->set_parameters_digest(
             r->start().digest());
       }},
      {"parameters_digest: is not the start's",
       [](auto* r) {
         r->mutable_start()->set_stand_in(true);
         r->mutable_start()->mutable_pretraining()->set_parameters_digest(
             "of another");
       }},
      {"run: has 3 runs, the grid has 4",
       [](auto* r) { r->mutable_run()->RemoveLast(); }},
      {"run[0]: is not of this learning rate, schedule and seed",
       [](auto* r) { r->mutable_run()->SwapElements(0, 1); }},
      {"run[2]: is not of this learning rate, schedule and seed",
       [](auto* r) { r->mutable_run(2)->set_learning_rate(0.05); }},
      {"run[3]: is not of this learning rate, schedule and seed",
       [](auto* r) {
         r->mutable_run(3)->mutable_schedule()->set_kind(
             ScheduleSpec::CONSTANT);
       }},
      {"selected: is not what",
       [](auto* r) { r->mutable_selected()->set_mean_loss(0.001); }},
  };
  for (const auto& bad : cases) {
    Gpt2Result result = Recorded();
    bad.spoil(&result);
    const absl::Status status = ReadBack(result).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition)
        << bad.field << ": " << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "recorded.textproto"))
        << status;
    EXPECT_TRUE(absl::StrContains(status.message(), bad.field))
        << bad.field << ": " << status;
  }
}

// Whoever changes a spec learns which cell is concerned, and what to do.
TEST(RecordedResult, StaleOnesSayWhatToDo) {
  const std::string path = testing::TempDir() + "/recorded.textproto";
  ASSERT_OK(WriteFileAtomically(path, ToTextProto(Recorded())));
  Gpt2ExperimentSpec changed = Cell();
  changed.mutable_protocol()->set_epochs(3);
  const absl::Status status = ReadRecordedResult(path, changed).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StartsWith(status.message(), path + ":")) << status;
  EXPECT_TRUE(absl::StrContains(
      status.message(),
      absl::StrCat("spec_digest: stale: recorded for spec ",
                   SpecDigest(Cell()), ", but that of tiny_adagrad_m16 is now ",
                   SpecDigest(changed),
                   "; run it again and record that, or delete the file")))
      << status;
}

}  // namespace
}  // namespace anisograd
