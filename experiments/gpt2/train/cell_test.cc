#include "experiments/gpt2/train/cell.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "experiments/gpt2/train/checkpoint.h"
#include "experiments/gpt2/train/cpu_trainable_model.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "experiments/spec_parts.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/file_size_limit.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

Gpt2ExperimentSpec Cell(const std::string& method) {
  return ExpandCell(TinyFamily(), method, 7).value();
}

std::string NewFolder(const std::string& name) {
  const std::string folder = testing::TempDir() + "/" + name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

struct Killed {};

// Runs the cell on a model of its own; dies, if asked to, behind step `last` of
// all steps of the cell that this process takes.
absl::StatusOr<Gpt2Result> RunUntil(const Gpt2ExperimentSpec& cell,
                                    const std::string& checkpoint,
                                    int64_t last, int64_t interval = 2,
                                    const StartRecord& start = {}) {
  ThreadPool pool(1);
  const auto model = MakeCpuTrainableModel(cell.model(), &pool);
  Gpt2CellOptions options;
  options.checkpoint = checkpoint;
  // Every `interval` of the steps that it is asked before.
  int64_t asked = 0;
  options.checkpoint_due = [&] { return ++asked % interval == 0; };
  int64_t steps = 0;
  options.progress = [&](const RunTrainer&, int, int) {
    if (++steps == last) throw Killed();
  };
  return RunGpt2Cell(cell, TinyTokens(), start,
                     InitialParameters(cell.model()), model.get(), options);
}

absl::StatusOr<Gpt2Result> RunWhole(const Gpt2ExperimentSpec& cell,
                                    const std::string& checkpoint = "",
                                    const StartRecord& start = {}) {
  return RunUntil(cell, checkpoint, -1, 2, start);
}

TEST(Gpt2Cell, RefusesMoreStepsThanDropoutCanTellApart) {
  Gpt2ExperimentSpec cell = Cell("sgd");
  cell.mutable_protocol()->set_epochs(std::numeric_limits<int32_t>::max());
  const absl::Status status = RunWhole(cell).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "protocol.epochs: is 2147"))
      << status;
}

TEST(Gpt2Cell, HoldsEveryGridPointAndSeedAndPicksTheBest) {
  ASSERT_OK_AND_ASSIGN(const Gpt2Result result, RunWhole(Cell("adagrad")));
  ASSERT_EQ(result.run_size(), 4);
  EXPECT_EQ(result.run(0).learning_rate(), 0.1);
  EXPECT_EQ(result.run(1).seed(), 4u);
  EXPECT_EQ(result.run(2).learning_rate(), 0.02);
  const double first =
      (result.run(0).reported_loss() + result.run(1).reported_loss()) / 2;
  const double second =
      (result.run(2).reported_loss() + result.run(3).reported_loss()) / 2;
  EXPECT_DOUBLE_EQ(result.selected().mean_loss(), std::min(first, second));
  EXPECT_EQ(result.selected().learning_rate(), first < second ? 0.1 : 0.02);
  EXPECT_EQ(result.spec_digest(), SpecDigest(result.spec()));
  EXPECT_EQ(result.dataset().digest(), TinyTokens().digest);
  EXPECT_EQ(result.exploded_runs(), 0);
}

TEST(Gpt2Cell, RefusesWhatDoesNotFit) {
  Gpt2ExperimentSpec cell = Cell("sgd");
  cell.mutable_model()->set_vocabulary(12);
  EXPECT_TRUE(absl::StrContains(RunWhole(cell).status().message(),
                                "model.vocabulary"));
  cell = Cell("sgd");
  cell.set_batch_size(0, 25);
  cell.mutable_protocol()->set_last_batch(LogisticProtocol::DROP);
  EXPECT_TRUE(
      absl::StrContains(RunWhole(cell).status().message(), "batch_size"));
  // Of 24 sequences one batch of 24 is whole, and one of 25 is kept.
  cell.set_batch_size(0, 24);
  EXPECT_OK(RunWhole(cell).status());
  cell.set_batch_size(0, 25);
  cell.mutable_protocol()->set_last_batch(LogisticProtocol::KEEP);
  EXPECT_OK(RunWhole(cell).status());
  EXPECT_TRUE(
      absl::StrContains(RunWhole(TinyFamily()).status().message(), "method"));
}

// A file is checked when it is read; whoever makes tokens otherwise learns of
// it before anything is computed from them.
TEST(Gpt2Cell, RefusesATokenOutsideTheVocabulary) {
  const Gpt2ExperimentSpec cell = Cell("sgd");
  ThreadPool pool(1);
  const auto model = MakeCpuTrainableModel(cell.model(), &pool);
  for (const int32_t id : {13, -1}) {
    TokenFile tokens = TinyTokens();
    for (int32_t& token : tokens.tokens.tokens) {
      if (token == 11) token = id;
    }
    const absl::Status status =
        RunGpt2Cell(cell, tokens, {}, InitialParameters(cell.model()),
                    model.get(), {})
            .status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_TRUE(absl::StrContains(
        status.message(), absl::StrCat(" is ", id, "; must be in [0, 13)")))
        << status;
  }
}

class Resumed : public testing::TestWithParam<const char*> {};

// Of 4 runs of 8 steps each, killed where chance has it, and once more before
// the end; steps behind the last checkpoint are taken again.
TEST_P(Resumed, HasTheBytesOfAnUninterruptedRun) {
  const Gpt2ExperimentSpec cell = Cell(GetParam());
  const std::string folder = NewFolder(std::string("kill_") + GetParam());
  ASSERT_OK_AND_ASSIGN(const Gpt2Result whole, RunWhole(cell));
  const std::string expected = SerializeDeterministically(whole);
  RandomStream random(1, RandomPurpose::kTest);
  for (int k = 0; k < 20; ++k) {
    const std::string checkpoint = absl::StrCat(folder, "/", k);
    const int64_t first = 1 + static_cast<int64_t>(random.NextBelow(32));
    EXPECT_THROW(RunUntil(cell, checkpoint, first).IgnoreError(), Killed);
    const int64_t second = 1 + static_cast<int64_t>(random.NextBelow(4));
    try {
      RunUntil(cell, checkpoint, second).IgnoreError();
    } catch (const Killed&) {
    }
    ASSERT_OK_AND_ASSIGN(const Gpt2Result result, RunWhole(cell, checkpoint));
    EXPECT_EQ(SerializeDeterministically(result), expected)
        << "killed after " << first << " and " << second << " steps";
  }
}

// However far apart checkpoints are, a run that is over is not done again; and
// what stands between runs is small.
TEST(Gpt2Cell, ChecksInBetweenRuns) {
  const Gpt2ExperimentSpec cell = Cell("adam");
  const std::string checkpoint = NewFolder("between") + "/file";
  EXPECT_THROW(RunUntil(cell, checkpoint, 8 + 8 + 2, 1000).IgnoreError(),
               Killed);
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(checkpoint));
  EXPECT_LT(bytes.size(),
            InitialParameters(cell.model()).size() * sizeof(float));
  ASSERT_OK_AND_ASSIGN(const Gpt2Result whole, RunWhole(cell));
  // Two runs of 8 steps are left.
  ASSERT_OK_AND_ASSIGN(const Gpt2Result result,
                       RunUntil(cell, checkpoint, 8 + 8 + 1, 1000));
  EXPECT_EQ(SerializeDeterministically(result),
            SerializeDeterministically(whole));
}

// Whatever the order, and if it is another after a kill.
TEST(Gpt2Cell, AnyOrderOfTheRunsIsTheSameResult) {
  const Gpt2ExperimentSpec cell = Cell("adagrad");
  ASSERT_OK_AND_ASSIGN(const Gpt2Result whole, RunWhole(cell));
  const std::string checkpoint = NewFolder("order") + "/file";
  ThreadPool pool(1);
  const auto model = MakeCpuTrainableModel(cell.model(), &pool);
  Gpt2CellOptions options;
  options.checkpoint = checkpoint;
  options.checkpoint_due = [] { return true; };
  options.first_rates = {0.02, 0.5};
  int steps = 0;
  options.progress = [&](const RunTrainer& trainer, int run, int) {
    EXPECT_EQ(trainer.run().learning_rate(), 0.02);
    EXPECT_EQ(run, steps / 8);
    if (++steps == 8 + 3) throw Killed();
  };
  EXPECT_THROW(RunGpt2Cell(cell, TinyTokens(), {},
                           InitialParameters(cell.model()), model.get(),
                           options)
                   .IgnoreError(),
               Killed);
  // Two runs of 8 steps, and 6 steps of the one that was under way.
  ASSERT_OK_AND_ASSIGN(const Gpt2Result result,
                       RunUntil(cell, checkpoint, 8 + 8 + 6 + 1));
  EXPECT_EQ(SerializeDeterministically(result),
            SerializeDeterministically(whole));
}

// A checkpoint of the second run whose arrays stayed behind.
TEST(Gpt2Cell, WithoutArraysTheRunUnderWayStartsAgain) {
  const Gpt2ExperimentSpec cell = Cell("adam");
  const std::string checkpoint = NewFolder("without") + "/file";
  EXPECT_THROW(RunUntil(cell, checkpoint, 8 + 5).IgnoreError(), Killed);
  ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(checkpoint));
  uint64_t message = 0;
  std::memcpy(&message, bytes.data() + 8 + 64, sizeof(message));
  ASSERT_GT(bytes.size(), 80 + message);
  bytes.resize(80 + message);
  ASSERT_OK(WriteFileAtomically(checkpoint, bytes));
  ASSERT_OK_AND_ASSIGN(const Gpt2Result whole, RunWhole(cell));
  // Three runs of 8 steps are left.
  ASSERT_OK_AND_ASSIGN(const Gpt2Result result,
                       RunUntil(cell, checkpoint, 3 * 8 + 1, 1000));
  EXPECT_EQ(SerializeDeterministically(result),
            SerializeDeterministically(whole));
}

INSTANTIATE_TEST_SUITE_P(Rules, Resumed,
                         testing::Values("sgd", "adagrad", "adagrad_norm",
                                         "adam"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

class CheckpointTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = NewFolder("checkpoint") + "/file";
    EXPECT_THROW(RunUntil(cell_, path_, 12).IgnoreError(), Killed);
    ASSERT_OK_AND_ASSIGN(bytes_, ReadFile(path_));
  }

  const Gpt2ExperimentSpec cell_ = Cell("adam");
  std::string path_, bytes_;
};

TEST_F(CheckpointTest, OfAnotherExperimentIsRefused) {
  Gpt2ExperimentSpec other = cell_;
  other.mutable_protocol()->set_epochs(3);
  absl::Status status = RunWhole(other, path_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), path_)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "spec_digest")) << status;

  StartRecord start;
  start.set_digest("another");
  status = RunWhole(cell_, path_, start).status();
  EXPECT_TRUE(absl::StrContains(status.message(), "start_digest")) << status;
  // Refusing it leaves it as it was.
  ASSERT_OK_AND_ASSIGN(const std::string after, ReadFile(path_));
  EXPECT_EQ(after, bytes_);
}

// A right file whose log is not of this cell's first runs: a program's bug, or
// mischief.
TEST_F(CheckpointTest, WithTheLogOfOtherRunsIsRefused) {
  const std::function<void(Gpt2Checkpoint*)> cases[] = {
      [](auto* c) { c->clear_current(); },
      [](auto* c) { c->mutable_current()->set_seed(9); },
      [](auto* c) { c->mutable_current()->add_loss(1); },
      [](auto* c) { c->mutable_current()->set_outcome(Run::EXPLODED); },
      [](auto* c) { c->mutable_finished(0)->set_learning_rate(0.5); },
      [](auto* c) { c->mutable_finished(0)->clear_outcome(); },
      [](auto* c) {
        for (int i = 0; i < 3; ++i) *c->add_finished() = c->finished(0);
      },
  };
  ThreadPool pool(1);
  const auto model = MakeCpuTrainableModel(cell_.model(), &pool);
  ASSERT_OK(model->Reset(cell_.method(0).optimizer(),
                         InitialParameters(cell_.model())));
  Gpt2Checkpoint expected;
  expected.set_spec_digest(SpecDigest(cell_));
  expected.set_dataset_digest(TinyTokens().digest);
  expected.set_device(model->device());
  ASSERT_OK_AND_ASSIGN(const Gpt2Checkpoint good,
                       RestoreCheckpoint(path_, expected, model.get()));
  EXPECT_EQ(good.finished_size(), 1);
  EXPECT_EQ(good.current().loss_size(), 3);
  for (const auto& spoil : cases) {
    Gpt2Checkpoint bad = good;
    spoil(&bad);
    ASSERT_OK(SaveCheckpoint(path_, bad, model.get()));
    const absl::Status status = RunWhole(cell_, path_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(status.message(),
              path_ + ": its runs are not those of the cell");
  }
}

TEST_F(CheckpointTest, AFullDiskLeavesTheOldOne) {
  {
    const FileSizeLimit limit(1000);
    const absl::Status status = RunWhole(cell_, path_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), path_)) << status;
  }
  ASSERT_OK_AND_ASSIGN(const std::string after, ReadFile(path_));
  EXPECT_EQ(after, bytes_);
  // With room again, it goes on from there.
  ASSERT_OK_AND_ASSIGN(const Gpt2Result whole, RunWhole(cell_));
  ASSERT_OK_AND_ASSIGN(const Gpt2Result resumed, RunWhole(cell_, path_));
  EXPECT_EQ(SerializeDeterministically(resumed),
            SerializeDeterministically(whole));
}

}  // namespace
}  // namespace anisograd
