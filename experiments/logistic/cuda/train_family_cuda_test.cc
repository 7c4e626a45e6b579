// The program as users run it, on the emulator: all cells of a small family
// from files to files, held against the CPU's cells by the program that
// compares results.

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/dataset_file.h"
#include "experiments/logistic/lanes/grid_testing.h"
#include "experiments/logistic/problem/dataset_record.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/logistic/train/cell.h"
#include "experiments/spec_validation.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

constexpr char kFamily[] = R"pb(
  name: "small"
  dataset: "small"
  method {
    name: "sgd"
    optimizer { sgd {} }
  }
  method {
    name: "adagrad"
    optimizer { adagrad { epsilon_convention: OUTSIDE_ROOT epsilon: 1e-10 } }
  }
  batch_size: [ 1, 16 ]
  grid {
    learning_rate: [ 100, 0.1 ]
    schedule { kind: CONSTANT }
    schedule { kind: INVERSE_SQUARE_ROOT }
  }
  seed: [ 1, 2 ]
  logistic {
    epochs: 2
    initial_radius: 0.05
    bias_feature: true
    sampling: SHUFFLE_EACH_EPOCH
    last_batch: KEEP
    schedule_clock: PER_ITERATION
    iterate: CURRENT
    selection: BEST_EPOCH
    explosion { max_sample_loss: 18 }
  }
  extremes {
    counts: SELECTED_OF_ALL
    distance_steps: EVERY_STEP
    join_seeds: MEAN_OF_SEEDS
    evaluations_per_epoch: 1
  }
  optimum {
    role: PAPER
    newton { gradient_tolerance: 1e-10 max_iterations: 50 }
  }
)pb";

class TrainFamilyCudaTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(
        testing::TempDir(), "/family_",
        testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(Path("cpu"));
    std::filesystem::create_directories(Path("gpu"));
    ASSERT_OK(WriteFileAtomically(Path("spec"), kFamily));
    ASSERT_OK(WriteDataset(Path("data"), {"small", false, ""},
                           Data(70, 30, SyntheticSpec::BINARY).view()));
  }
  std::string Path(const std::string& name) const {
    return absl::StrCat(folder_, "/", name);
  }

  // The exit status of the program with the family's files.
  int TrainFamily(const std::string& more) const {
    return std::system(
        absl::StrCat("experiments/logistic/cuda/train_family_cuda_emulated",
                     " --spec=", Path("spec"), " --dataset=", Path("data"),
                     " --out_dir=", Path("gpu"), " --optima=", Path("optimum"),
                     " ", more, " 2>", Path("errors"))
            .c_str());
  }
  int Compare(const std::string& more) const {
    return std::system(absl::StrCat("experiments/logistic/train/compare --expected=",
                                    Path("cpu"), " --actual=", Path("gpu"), " ",
                                    more, " >", Path("differences"))
                           .c_str());
  }
  int64_t Files() const {
    const std::filesystem::directory_iterator files(Path("gpu"));
    return std::distance(begin(files), end(files));
  }

  // Writes an optimum and the CPU's results.
  void RunOnCpu() {
    ASSERT_OK_AND_ASSIGN(const Dataset dataset, Dataset::Open(Path("data")));
    ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                         LogisticProblem::Create(dataset.view(), true));
    OptimumResult optimum;
    optimum.mutable_dataset()->set_digest(dataset.digest());
    for (int64_t j = 0; j < problem.dimension(); ++j) optimum.add_weights(0.5);
    ASSERT_OK(WriteFileAtomically(Path("optimum"),
                                  SerializeDeterministically(optimum)));
    ASSERT_OK_AND_ASSIGN(const ExperimentSpec family,
                         ReadExperiment(Path("spec")));
    for (const Method& method : family.method()) {
      for (const int64_t batch_size : family.batch_size()) {
        ASSERT_OK_AND_ASSIGN(const ExperimentSpec cell,
                             ExpandCell(family, method.name(), batch_size));
        ASSERT_OK_AND_ASSIGN(ExperimentResult result,
                             RunCell(problem, cell, {optimum}, nullptr));
        *result.mutable_dataset() = MakeDatasetRecord(dataset);
        result.set_target("//experiments/logistic/cuda:train_family_cuda");
        ASSERT_OK(WriteFileAtomically(
            Path(absl::StrCat("cpu/small_", method.name(), "_m", batch_size,
                              ".result.pb")),
            SerializeDeterministically(result)));
      }
    }
  }

  std::string folder_;
};

TEST_F(TrainFamilyCudaTest, WritesTheResultsOfTheCells) {
  RunOnCpu();
  ASSERT_EQ(TrainFamily(""), 0);
  EXPECT_EQ(Files(), 4);
  for (const auto& entry : std::filesystem::directory_iterator(Path("gpu"))) {
    ASSERT_OK_AND_ASSIGN(const std::string actual,
                         ReadFile(entry.path().string()));
    ASSERT_OK_AND_ASSIGN(
        const std::string expected,
        ReadFile(Path("cpu/" + entry.path().filename().string())));
    EXPECT_EQ(actual, expected) << entry.path();
  }
  EXPECT_EQ(Compare("--tolerance=0"), 0);
}

TEST_F(TrainFamilyCudaTest, SomeOfTheCells) {
  RunOnCpu();
  ASSERT_EQ(TrainFamily("--methods=adagrad --batch_sizes=16"), 0);
  EXPECT_EQ(Files(), 1);
  EXPECT_TRUE(std::filesystem::exists(Path("gpu/small_adagrad_m16.result.pb")));

  // A result that is not the CPU's is found out.
  const std::string path = Path("gpu/small_adagrad_m16.result.pb");
  ExperimentResult result;
  ASSERT_OK(ReadBinaryProto(path, &result));
  result.mutable_run(7)->set_loss(1, result.run(7).loss(1) * (1 + 1e-8));
  ASSERT_OK(WriteFileAtomically(path, SerializeDeterministically(result)));
  EXPECT_NE(Compare(""), 0);
  EXPECT_EQ(Compare("--tolerance=1e-7"), 0);
}

TEST_F(TrainFamilyCudaTest, SaysWhatItCannotUse) {
  RunOnCpu();
  EXPECT_NE(TrainFamily("--batch_sizes=5"), 0);
  ASSERT_OK_AND_ASSIGN(const std::string errors, ReadFile(Path("errors")));
  EXPECT_NE(errors.find("small has no batch size 5"), std::string::npos)
      << errors;
  EXPECT_EQ(Files(), 0);
}

}  // namespace
}  // namespace anisograd
