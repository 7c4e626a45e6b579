#include "experiments/gpt2/cell.h"

#include <filesystem>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "experiments/gpt2/checkpoint.h"
#include "experiments/gpt2/tiny_experiment.h"
#include "experiments/spec_parts.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/file_size_limit.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

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
                                    int64_t last,
                                    const StartRecord& start = {}) {
  ThreadPool pool(1);
  const auto model = MakeCpuTrainableModel(cell.model(), &pool);
  Gpt2CellOptions options;
  options.checkpoint = checkpoint;
  options.checkpoint_interval = 3;
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
  return RunUntil(cell, checkpoint, -1, start);
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
  EXPECT_TRUE(
      absl::StrContains(RunWhole(TinyFamily()).status().message(), "method"));
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
  // The status of going on from `bytes`.
  absl::Status Resume(const std::string& bytes) {
    EXPECT_OK(WriteFileAtomically(path_, bytes));
    return RunWhole(cell_, path_).status();
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

TEST_F(CheckpointTest, DamageIsFound) {
  for (const size_t size : {size_t{0}, size_t{7}, size_t{80}, bytes_.size() - 1}) {
    const absl::Status status = Resume(bytes_.substr(0, size));
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << size;
    EXPECT_TRUE(absl::StrContains(status.message(), path_)) << status;
  }
  EXPECT_FALSE(Resume(bytes_ + "x").ok());
  for (size_t i = 0; i < bytes_.size(); i += 97) {
    std::string flipped = bytes_;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_EQ(Resume(flipped).code(), absl::StatusCode::kDataLoss) << i;
  }
  EXPECT_OK(Resume(bytes_));
}

// A message that claims more bytes than there are, under a right checksum.
TEST_F(CheckpointTest, LyingSizesAreFound) {
  constexpr size_t kFront = 8 + 64;
  for (const uint64_t size : {uint64_t{1} << 40, ~uint64_t{0}}) {
    std::string lying = bytes_;
    lying.replace(kFront, 8, reinterpret_cast<const char*>(&size), 8);
    lying.replace(8, 64, Sha256Hex(absl::string_view(lying).substr(kFront)));
    EXPECT_EQ(Resume(lying).code(), absl::StatusCode::kDataLoss) << size;
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
  const std::filesystem::path folder =
      std::filesystem::path(path_).parent_path();
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

}  // namespace
}  // namespace anisograd
