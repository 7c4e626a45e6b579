#include "experiments/gpt2/train/checkpoint.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "experiments/gpt2/train/cpu_trainable_model.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "experiments/spec_parts.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/file_size_limit.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

// A tiny model with one of the family's update rules.
class Model {
 public:
  explicit Model(const std::string& method) {
    const Gpt2ExperimentSpec cell =
        ExpandCell(TinyFamily(), method, 4).value();
    model_ = MakeCpuTrainableModel(cell.model(), &pool_);
    EXPECT_OK(model_->Reset(cell.method(0).optimizer(),
                            InitialParameters(cell.model())));
  }

  // Steps from now on, on the same sequence.
  void Train(int steps) {
    const std::vector<int32_t> tokens = {0, 1, 6, 7, 12};
    const std::vector<int32_t> targets = {1, 6, 7, 12, kNoTarget};
    const std::vector<int64_t> starts = {0, 5};
    TokenBatch batch;
    batch.tokens = tokens;
    batch.targets = targets;
    batch.starts = starts;
    for (int t = 0; t < steps; ++t) {
      model_->model().ZeroGradients();
      EXPECT_OK(model_->model()
                    .LossAndGradient(batch, std::nullopt, 0.25)
                    .status());
      model_->Step(0.1, 1.0);
    }
  }

  // All arrays, one after the other.
  std::vector<float> State() const {
    std::vector<float> all;
    const auto arrays = model_->StateArrays();
    for (size_t i = 0; i < arrays.size(); ++i) {
      std::vector<float> values(static_cast<size_t>(arrays[i].size));
      model_->GetState(static_cast<int>(i), absl::MakeSpan(values));
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  }

  TrainableModel* get() { return model_.get(); }

 private:
  ThreadPool pool_{1};
  std::unique_ptr<TrainableModel> model_;
};

// Of some experiment, two runs into it.
Gpt2Checkpoint Some() {
  Gpt2Checkpoint checkpoint;
  const absl::Status status = ParseTextProto(R"(
    spec_digest: "of the spec" dataset_digest: "of the data"
    start_digest: "of the start" device: "a CPU"
    finished { learning_rate: 0.1 seed: 3 loss: [3, 2.5] reported_loss: 2.75 }
    finished { learning_rate: 0.1 seed: 4 outcome: EXPLODED loss: nan }
    current { learning_rate: 0.02 seed: 3 loss: 2.125 gradient_norm: 1e-3 }
  )", "checkpoint", &checkpoint);
  EXPECT_TRUE(status.ok()) << status;
  return checkpoint;
}

std::string PathInNewFolder(const std::string& name) {
  const std::string folder = testing::TempDir() + "/checkpoint_" + name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder + "/file";
}

int64_t FilesBeside(const std::string& path) {
  return std::distance(std::filesystem::directory_iterator(
                           std::filesystem::path(path).parent_path()),
                       {});
}

class EveryRule : public testing::TestWithParam<const char*> {};

TEST_P(EveryRule, GoesOnFromItsCheckpointAsIfNothingHadHappened) {
  const std::string path = PathInNewFolder(GetParam());
  Model model(GetParam());
  model.Train(3);
  ASSERT_OK(SaveCheckpoint(path, Some(), model.get()));
  Model resumed(GetParam());
  ASSERT_OK_AND_ASSIGN(Gpt2Checkpoint read,
                       RestoreCheckpoint(path, Some(), resumed.get()));
  EXPECT_EQ(read.array_size(),
            static_cast<int>(model.get()->StateArrays().size()));
  read.clear_array();
  EXPECT_EQ(SerializeDeterministically(read),
            SerializeDeterministically(Some()));
  EXPECT_EQ(resumed.State(), model.State());
  model.Train(2);
  resumed.Train(2);
  EXPECT_EQ(resumed.State(), model.State());
}

TEST_P(EveryRule, TheSameContentsAreTheSameBytes) {
  const std::string path = PathInNewFolder(GetParam());
  std::string first;
  for (int i = 0; i < 2; ++i) {
    Model model(GetParam());
    model.Train(2);
    ASSERT_OK(SaveCheckpoint(path, Some(), model.get()));
    ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(path));
    if (i == 0) first = bytes;
    EXPECT_EQ(bytes, first);
  }
}

// Bit for bit, whatever a model that is lost holds.
TEST_P(EveryRule, KeepsNumbersThatAreNone) {
  const std::string path = PathInNewFolder(GetParam());
  Model model(GetParam());
  std::vector<float> parameters = InitialParameters(TinyFamily().model());
  const float odd[] = {NAN, -INFINITY, -0.0f, 1e-45f};
  std::memcpy(parameters.data(), odd, sizeof(odd));
  model.get()->SetState(0, parameters);
  ASSERT_OK(SaveCheckpoint(path, Some(), model.get()));
  Model resumed(GetParam());
  ASSERT_OK(RestoreCheckpoint(path, Some(), resumed.get()).status());
  EXPECT_EQ(std::memcmp(resumed.State().data(), odd, sizeof(odd)), 0);
}

// Between runs, or where the arrays stayed behind, there is the message alone.
TEST(Checkpoint, WithoutArraysLeavesTheModel) {
  const std::string path = PathInNewFolder("without_arrays");
  Model model("adam"), other("adam");
  model.Train(2);
  ASSERT_OK(SaveCheckpoint(path, Some(), model.get()));
  ASSERT_OK_AND_ASSIGN(const std::string whole, ReadFile(path));
  uint64_t message = 0;
  std::memcpy(&message, whole.data() + 72, sizeof(message));
  ASSERT_OK(WriteFileAtomically(path, whole.substr(0, 80 + message)));
  for (int i = 0; i < 2; ++i) {
    const std::vector<float> before = other.State();
    ASSERT_OK_AND_ASSIGN(const Gpt2Checkpoint read,
                         RestoreCheckpoint(path, Some(), other.get()));
    EXPECT_EQ(SerializeDeterministically(read),
              SerializeDeterministically(Some()));
    EXPECT_EQ(other.State(), before);
    ASSERT_OK(SaveCheckpoint(path, Some(), nullptr));
    ASSERT_OK_AND_ASSIGN(const std::string small, ReadFile(path));
    EXPECT_LT(small.size(), 80 + message);
  }
}

TEST(Checkpoint, EverySecondsIsNotOftener) {
  const auto always = EverySeconds(0.0), never = EverySeconds(1e9);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(always());
    EXPECT_FALSE(never());
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, EveryRule,
                         testing::Values("sgd", "adagrad", "adagrad_norm",
                                         "adam"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

// A file that is not the checkpoint asked for, or not what was written.
class BadCheckpoint : public testing::Test {
 protected:
  static constexpr size_t kMagicSize = 8;
  static constexpr size_t kFront = kMagicSize + 64;

  BadCheckpoint()
      : path_(PathInNewFolder(
            testing::UnitTest::GetInstance()->current_test_info()->name())),
        model_("adagrad"),
        untouched_(model_.State()) {
    Model trained("adagrad");
    trained.Train(2);
    EXPECT_OK(SaveCheckpoint(path_, Some(), trained.get()));
    bytes_ = ReadFile(path_).value();
  }

  // The error of restoring, one line that begins with the file's name; the
  // model must be as it was.
  absl::Status Restore(const Gpt2Checkpoint& expected = Some()) {
    const absl::Status status =
        RestoreCheckpoint(path_, expected, model_.get()).status();
    EXPECT_TRUE(absl::StartsWith(status.message(), path_ + ": ")) << status;
    EXPECT_FALSE(absl::StrContains(status.message(), "\n")) << status;
    EXPECT_EQ(model_.State(), untouched_);
    return status;
  }
  absl::Status RestoreBytes(const std::string& bytes) {
    EXPECT_OK(WriteFileAtomically(path_, bytes));
    return Restore();
  }
  absl::Status RestoreMessage(
      const std::function<void(Gpt2Checkpoint*)>& spoil) {
    uint64_t size = 0;
    std::memcpy(&size, bytes_.data() + kFront, sizeof(size));
    Gpt2Checkpoint checkpoint;
    EXPECT_TRUE(checkpoint.ParseFromString(
        bytes_.substr(kFront + sizeof(size), size)));
    spoil(&checkpoint);
    return RestoreBytes(absl::StrCat(
        WithFront(SerializeDeterministically(checkpoint)),
        bytes_.substr(kFront + sizeof(size) + size)));
  }
  // Magic number, the right checksum, `size` or else the right size, `message`.
  std::string WithFront(const std::string& message) {
    return WithFront(message, message.size());
  }
  std::string WithFront(const std::string& message, uint64_t size) {
    const std::string checked =
        std::string(reinterpret_cast<const char*>(&size), sizeof(size)) +
        message;
    return bytes_.substr(0, kMagicSize) + Sha256Hex(checked) + checked;
  }

  const std::string path_;
  Model model_;
  const std::vector<float> untouched_;
  std::string bytes_;
};

TEST_F(BadCheckpoint, OfAnotherExperiment) {
  const struct {
    const char* field;
    void (*change)(Gpt2Checkpoint*);
  } cases[] = {
      {"spec_digest", [](auto* c) { c->set_spec_digest("of another"); }},
      {"dataset_digest", [](auto* c) { c->set_dataset_digest("of another"); }},
      {"start_digest", [](auto* c) { c->set_start_digest("of another"); }},
      {"device", [](auto* c) { c->set_device("of another"); }},
  };
  for (const auto& other : cases) {
    Gpt2Checkpoint expected = Some();
    other.change(&expected);
    const absl::Status status = Restore(expected);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(absl::StartsWith(
        status.message(),
        absl::StrCat(path_, ": ", other.field,
                     ": this is the checkpoint of another experiment")))
        << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "not of another"));
    EXPECT_TRUE(absl::EndsWith(status.message(), "delete it to start anew"));
  }
}

TEST_F(BadCheckpoint, OfAnotherUpdateRule) {
  for (const char* method : {"sgd", "adagrad_norm", "adam"}) {
    Model other(method);
    ASSERT_OK(SaveCheckpoint(path_, Some(), other.get()));
    const absl::Status status = Restore();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_TRUE(absl::EndsWith(status.message(),
                               "its arrays are not those of the model"))
        << status;
  }
}

TEST_F(BadCheckpoint, Missing) {
  std::filesystem::remove(path_);
  EXPECT_EQ(Restore().code(), absl::StatusCode::kNotFound);
}

TEST_F(BadCheckpoint, CutAnywhere) {
  uint64_t message = 0;
  std::memcpy(&message, bytes_.data() + kFront, sizeof(message));
  for (size_t size = 0; size < bytes_.size(); size += size < 700 ? 1 : 61) {
    // There it may be cut.
    if (size == kFront + sizeof(message) + message) continue;
    EXPECT_EQ(RestoreBytes(bytes_.substr(0, size)).code(),
              absl::StatusCode::kDataLoss)
        << size;
  }
  EXPECT_EQ(RestoreBytes(bytes_ + "x").message(),
            path_ + ": something follows its arrays");
}

TEST_F(BadCheckpoint, ChangedAnywhere) {
  for (size_t i = 0; i < bytes_.size(); i += i < 700 ? 1 : 61) {
    std::string flipped = bytes_;
    flipped[i] = static_cast<char>(flipped[i] ^ (1 << i % 8));
    EXPECT_EQ(RestoreBytes(flipped).code(), absl::StatusCode::kDataLoss) << i;
  }
  std::string flipped = bytes_;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  EXPECT_EQ(RestoreBytes(flipped).message(),
            path_ + ": wrong checksum of accumulator: the file was changed");
}

TEST_F(BadCheckpoint, ClaimsMoreThanThereIs) {
  for (const uint64_t size : {uint64_t{bytes_.size()}, uint64_t{1} << 31,
                              uint64_t{1} << 40, ~uint64_t{0}}) {
    EXPECT_EQ(RestoreBytes(WithFront("", size)).code(),
              absl::StatusCode::kDataLoss)
        << size;
  }
  for (const int64_t size : {int64_t{-1}, int64_t{0}, int64_t{1} << 40,
                             int64_t{1} << 62}) {
    const absl::Status status = RestoreMessage(
        [&](Gpt2Checkpoint* c) { c->mutable_array(1)->set_size(size); });
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << size;
  }
  EXPECT_EQ(RestoreMessage([](Gpt2Checkpoint* c) { c->add_array(); }).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(RestoreBytes(WithFront("no message")).message(),
            path_ + ": its message is malformed");
}

TEST_F(BadCheckpoint, AFullDiskLeavesTheOldOne) {
  Model trained("adagrad");
  trained.Train(3);
  // No room for anything, for the message alone, for part of the arrays.
  for (const size_t room : {size_t{0}, size_t{600}, bytes_.size() - 1}) {
    const FileSizeLimit limit(room);
    const absl::Status status = SaveCheckpoint(path_, Some(), trained.get());
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_TRUE(absl::StartsWith(status.message(), path_ + ": ")) << status;
    ASSERT_OK_AND_ASSIGN(const std::string after, ReadFile(path_));
    EXPECT_EQ(after, bytes_);
    EXPECT_EQ(FilesBeside(path_), 1);
  }
  ASSERT_OK(SaveCheckpoint(path_, Some(), trained.get()));
  ASSERT_OK(RestoreCheckpoint(path_, Some(), model_.get()).status());
  EXPECT_EQ(model_.State(), trained.State());
}

TEST_F(BadCheckpoint, NoFolder) {
  const std::string path = path_ + ".none/file";
  const absl::Status status = SaveCheckpoint(path, Some(), model_.get());
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(absl::StartsWith(status.message(), path)) << status;
}

}  // namespace
}  // namespace anisograd
