#include "experiments/gpt2/train/cuda/trainable_model.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "experiments/gpt2/train/cell.h"
#include "experiments/gpt2/train/cpu_trainable_model.h"
#include "experiments/gpt2/train/sequences.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "experiments/spec_parts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace cuda {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr Gpt2Protocol::Arithmetic kFloat32 = Gpt2Protocol::FLOAT32;
constexpr Gpt2Protocol::Arithmetic kTf32 = Gpt2Protocol::TF32;
constexpr Gpt2Protocol::Arithmetic kBf16 = Gpt2Protocol::BF16;

// One run of 24 steps, some of them clipped. Small, since the emulator takes a
// block of 1,024 threads for every token with a target. bf16 needs a head of 64
// columns.
Gpt2ExperimentSpec Cell(const std::string& method,
                        Gpt2Protocol::Arithmetic arithmetic) {
  Gpt2ExperimentSpec cell = ExpandCell(TinyFamily(), method, 4).value();
  cell.set_batch_size(0, 3);
  cell.mutable_model()->set_context(12);
  cell.mutable_model()->set_initializer_range(0.05);
  if (arithmetic == kBf16) {
    cell.mutable_model()->set_heads(1);
    cell.mutable_model()->set_width(64);
  }
  const bool by_sign = method == "adagrad" || method == "adam";
  const double rate = by_sign ? 5e-4 : 0.01;
  cell.mutable_grid()->clear_learning_rate();
  cell.mutable_grid()->add_learning_rate(rate);
  cell.clear_seed();
  cell.add_seed(3);
  cell.mutable_protocol()->set_epochs(3);
  cell.mutable_protocol()->set_mask_prompt(true);
  cell.mutable_protocol()->set_max_gradient_norm(arithmetic == kBf16 ? 5.5 : 1.5);
  cell.mutable_protocol()->set_arithmetic(arithmetic);
  return cell;
}

std::unique_ptr<TrainableModel> OnDevice(const Gpt2ExperimentSpec& cell) {
  return CudaTrainableModel(cell.model(), cell.protocol().arithmetic(), nullptr)
      .value();
}

struct Killed {};

// Runs the cell on `model`; dies, if asked to, behind step `last`.
absl::StatusOr<Gpt2Result> RunOn(TrainableModel* model,
                                 const Gpt2ExperimentSpec& cell,
                                 const std::string& checkpoint = "",
                                 int64_t last = -1) {
  Gpt2CellOptions options;
  options.checkpoint = checkpoint;
  int64_t asked = 0;
  options.checkpoint_due = [&] { return ++asked % 5 == 0; };
  int64_t steps = 0;
  options.progress = [&](const RunTrainer&, int, int) {
    if (++steps == last) throw Killed();
  };
  return RunGpt2Cell(cell, TinyTokens(), {}, InitialParameters(cell.model()),
                     model, options);
}

std::string NewPath(const std::string& name) {
  const std::string path = testing::TempDir() + "/" + name;
  std::filesystem::remove(path);
  return path;
}

std::vector<float> State(const TrainableModel& model, int index) {
  std::vector<float> values(
      static_cast<size_t>(model.StateArrays()[index].size));
  model.GetState(index, absl::MakeSpan(values));
  return values;
}

// A model after some steps of a run.
struct Training {
  Training(std::unique_ptr<TrainableModel> made, const Gpt2ExperimentSpec& cell,
           int steps)
      : sequences(SequenceSet::Create(tokens.tokens, cell.protocol()).value()),
        model(std::move(made)) {
    EXPECT_OK(model->Reset(cell.method(0).optimizer(),
                           InitialParameters(cell.model())));
    trainer = std::make_unique<RunTrainer>(cell, sequences, model.get(),
                                           PlanGpt2Runs(cell)[0]);
    for (int t = 0; t < steps; ++t) EXPECT_OK(trainer->Step());
  }

  const TokenFile tokens = TinyTokens();
  const SequenceSet sequences;
  const std::unique_ptr<TrainableModel> model;
  std::unique_ptr<RunTrainer> trainer;
};

using Case = std::tuple<std::string, Gpt2Protocol::Arithmetic>;
std::string Name(const testing::TestParamInfo<Case>& info) {
  return std::get<0>(info.param) + "_" +
         Gpt2Protocol::Arithmetic_Name(std::get<1>(info.param));
}

class TrainableModelTest : public testing::TestWithParam<Case> {
 protected:
  const Gpt2ExperimentSpec cell_ =
      Cell(std::get<0>(GetParam()), std::get<1>(GetParam()));
};

TEST_P(TrainableModelTest, LosesWhatTheCpuLoses) {
  ThreadPool pool(1);
  Gpt2ExperimentSpec reference = cell_;
  reference.mutable_protocol()->set_arithmetic(kFloat32);
  ASSERT_OK_AND_ASSIGN(
      const Gpt2Result expected,
      RunOn(MakeCpuTrainableModel(reference.model(), &pool).get(), reference));
  ASSERT_OK_AND_ASSIGN(const Gpt2Result result,
                       RunOn(OnDevice(cell_).get(), cell_));
  const Gpt2Run& run = result.run(0);
  ASSERT_EQ(run.loss_size(), 24);
  // It trains, and some steps are clipped.
  EXPECT_LT(run.loss(23), 0.99 * run.loss(0));
  EXPECT_GT(run.clipped_steps(), 0);
  EXPECT_LT(run.clipped_steps(), 24);
  const double tolerance =
      cell_.protocol().arithmetic() == kFloat32 ? 1e-5 : 1e-3;
  for (int t = 0; t < 20; ++t) {
    const double loss = expected.run(0).loss(t);
    EXPECT_NEAR(run.loss(t), loss, tolerance * loss) << "step " << t;
  }
}

class TrainableModelStateTest : public TrainableModelTest {};

// Two runs, of two rates, all of it done twice: in one go, and killed in the
// first run and in the second, behind steps that no checkpoint has.
TEST_P(TrainableModelStateTest, HasTheSameBytesAgainAndResumed) {
  Gpt2ExperimentSpec cell = cell_;
  // 8 steps a run.
  cell.mutable_protocol()->set_epochs(1);
  cell.mutable_grid()->add_learning_rate(0.02);
  ASSERT_OK_AND_ASSIGN(const Gpt2Result whole,
                       RunOn(OnDevice(cell).get(), cell));
  const std::string expected = SerializeDeterministically(whole);

  const std::string checkpoint = NewPath("resumed");
  EXPECT_THROW(RunOn(OnDevice(cell).get(), cell, checkpoint, 7).IgnoreError(),
               Killed);
  // 5 steps of the first run were kept: 3 are left.
  EXPECT_THROW(
      RunOn(OnDevice(cell).get(), cell, checkpoint, 3 + 7).IgnoreError(),
      Killed);
  ASSERT_OK_AND_ASSIGN(const Gpt2Result resumed,
                       RunOn(OnDevice(cell).get(), cell, checkpoint));
  EXPECT_EQ(SerializeDeterministically(resumed), expected);
}

// What the CPU has learned goes on here.
TEST_P(TrainableModelStateTest, IsTheCpus) {
  ThreadPool pool(1);
  Training cpu(MakeCpuTrainableModel(cell_.model(), &pool), cell_, 6);
  Training device(OnDevice(cell_), cell_, 6);
  const auto arrays = device.model->StateArrays();
  const auto expected = cpu.model->StateArrays();
  ASSERT_EQ(arrays.size(), expected.size());
  for (size_t i = 0; i < arrays.size(); ++i) {
    EXPECT_EQ(arrays[i].name, expected[i].name);
    ASSERT_EQ(arrays[i].size, expected[i].size);
    const std::vector<float> values = State(*cpu.model, static_cast<int>(i));
    device.model->SetState(static_cast<int>(i), values);
    EXPECT_EQ(State(*device.model, static_cast<int>(i)), values);
  }
  const double tolerance =
      cell_.protocol().arithmetic() == kFloat32 ? 1e-6 : 1e-3;
  for (int t = 6; t < 9; ++t) {
    ASSERT_OK(cpu.trainer->Step());
    ASSERT_OK(device.trainer->Step());
    const double loss = cpu.trainer->run().loss(t);
    EXPECT_NEAR(device.trainer->run().loss(t), loss, tolerance * loss);
  }
}

// Each rule in one arithmetic: the state does not depend on it.
INSTANTIATE_TEST_SUITE_P(Rules, TrainableModelStateTest,
                         testing::Values(Case("sgd", kFloat32),
                                         Case("adagrad", kBf16),
                                         Case("adagrad_norm", kFloat32),
                                         Case("adam", kBf16)),
                         Name);
INSTANTIATE_TEST_SUITE_P(
    Rules, TrainableModelTest,
    testing::Combine(testing::Values("sgd", "adagrad", "adagrad_norm", "adam"),
                     testing::Values(kFloat32, kBf16)),
    Name);
INSTANTIATE_TEST_SUITE_P(Tf32, TrainableModelTest,
                         testing::Values(Case("adagrad", kTf32)), Name);

// While one lives, gelu is apart. Then it is again as whoever runs the tests has
// it, for those that follow in this process.
class GeluApart {
 public:
  GeluApart() { ::setenv(kVariable, "1", /*replace=*/0); }
  ~GeluApart() {
    if (!was_set_) ::unsetenv(kVariable);
  }

  static constexpr char kVariable[] = "ANISOGRAD_GELU_APART";

 private:
  const bool was_set_ = std::getenv(kVariable) != nullptr;
};

TEST(TrainableModel, SaysWhatItsBitsDependOn) {
  const auto device = [](Gpt2Protocol::Arithmetic arithmetic) {
    return OnDevice(Cell("sgd", arithmetic))->device();
  };
  const std::string apart =
      std::getenv(GeluApart::kVariable) ? " \\(gelu apart\\)" : "";
  for (const auto arithmetic : {kFloat32, kTf32, kBf16}) {
    // Of the emulator or of a GPU.
    EXPECT_THAT(
        device(arithmetic),
        MatchesRegex("[^()]+ \\(sm_[0-9]+\\), CUDA [0-9]+\\.[0-9]+, "
                     "(cuBLASLt [0-9.]+|emulated products)" +
                     apart + ", " + Gpt2Protocol::Arithmetic_Name(arithmetic)));
  }
  const std::string as_it_was = device(kBf16);
  // A checkpoint or result is not taken for one of other bits.
  {
    const GeluApart set;
    EXPECT_THAT(device(kBf16), HasSubstr(" (gelu apart), BF16"));
  }
  EXPECT_EQ(device(kBf16), as_it_was);
}

TEST(TrainableModel, NormIsThatOfTheGradient) {
  Training training(OnDevice(Cell("sgd", kBf16)), Cell("sgd", kBf16), 1);
  const LanguageModel& model = training.model->model();
  std::vector<float> gradient(static_cast<size_t>(model.layout().size()));
  model.GetGradients(absl::MakeSpan(gradient));
  double squares = 0.0;
  for (const double g : gradient) squares += g * g;
  EXPECT_NEAR(training.model->GradientNorm(), std::sqrt(squares),
              1e-12 * std::sqrt(squares));
}

// A loss that stays finite while the gradient does not: a hidden unit of 3e38
// whose way on has zero weights. The device, whose host learns of the norm one
// step later, has the CPU's log and leaves the weights where they were.
TEST(TrainableModel, DivergesAtTheCpusStep) {
  for (const char* method : {"sgd", "adagrad_norm", "adam"}) {
    const Gpt2ExperimentSpec cell = Cell(method, kFloat32);
    ThreadPool pool(1);
    Training cpu(MakeCpuTrainableModel(cell.model(), &pool), cell, 3);
    Training device(OnDevice(cell), cell, 3);
    std::vector<float> poisoned = State(*cpu.model, 0);
    const ParameterLayout& layout = cpu.model->model().layout();
    poisoned[static_cast<size_t>(
        layout.block(0, BlockTensor::kFeedForwardBias).offset)] = 3e38f;
    const ParameterTensor& next =
        layout.block(0, BlockTensor::kFeedForwardProjectionWeight);
    std::fill_n(poisoned.begin() + next.offset, next.size, 0.0f);
    for (Training* const training : {&cpu, &device}) {
      training->model->SetState(0, poisoned);
      while (!training->trainer->done()) ASSERT_OK(training->trainer->Step());
      const Gpt2Run run = training->trainer->Finish();
      EXPECT_EQ(run.outcome(), Run::EXPLODED);
      EXPECT_EQ(run.explosion_step(), 3);
      EXPECT_EQ(run.explosion_reason(), "gradient norm is not finite");
      EXPECT_EQ(run.loss_size(), 4);
      EXPECT_EQ(run.gradient_norm_size(), 4);
      EXPECT_EQ(run.tokens(), cpu.trainer->run().tokens());
      EXPECT_EQ(State(*training->model, 0), poisoned);
    }
    EXPECT_NEAR(device.trainer->run().loss(3), cpu.trainer->run().loss(3),
                1e-5);
  }
}

TEST(TrainableModel, RefusesAnotherDevicesCheckpoint) {
  const Gpt2ExperimentSpec cell = Cell("sgd", kFloat32);
  const std::string checkpoint = NewPath("foreign");
  ThreadPool pool(1);
  const auto cpu = MakeCpuTrainableModel(cell.model(), &pool);
  EXPECT_THROW(RunOn(cpu.get(), cell, checkpoint, 9).IgnoreError(), Killed);
  const absl::Status status =
      RunOn(OnDevice(cell).get(), cell, checkpoint).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr(": device: "));
}

TEST(TrainableModel, NamesWhatTheDeviceCannotTake) {
  Gpt2ExperimentSpec cell = Cell("sgd", kBf16);
  cell.mutable_model()->set_heads(2);
  const absl::Status status =
      CudaTrainableModel(cell.model(), kBf16, nullptr).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("model.heads: "));
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
