#include "experiments/logistic/train/training_inputs.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "experiments/logistic/lanes/grid_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

std::string Path(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/", name);
}

class TrainingInputsTest : public testing::Test {
 protected:
  void SetUp() override {
    spec_.set_dataset("made_up");
    spec_.mutable_logistic()->set_bias_feature(true);
    ASSERT_OK(WriteDataset(Path("data"), {"made_up", false, ""}, data_.view()));
    ASSERT_OK_AND_ASSIGN(const Dataset dataset, Dataset::Open(Path("data")));
    OptimumResult optimum;
    optimum.mutable_dataset()->set_digest(dataset.digest());
    optimum.set_loss(0.5);
    ASSERT_OK(WriteFileAtomically(Path("optimum"),
                                  SerializeDeterministically(optimum)));
  }
  std::string Message() const {
    return std::string(
        ReadTrainingInputs(spec_, "spec", Path("data"), {Path("optimum")})
            .status()
            .message());
  }

  const CsrMatrix data_ = Data(20, 30, SyntheticSpec::BINARY);
  ExperimentSpec spec_;
};

TEST_F(TrainingInputsTest, ReadsWhatBelongsTogether) {
  ASSERT_OK_AND_ASSIGN(
      const TrainingInputs inputs,
      ReadTrainingInputs(spec_, "spec", Path("data"), {Path("optimum")}));
  EXPECT_EQ(inputs.problem.rows(), 20);
  EXPECT_EQ(inputs.problem.dimension(), 31);
  ASSERT_EQ(inputs.optima.size(), 1u);
  EXPECT_EQ(inputs.optima[0].loss(), 0.5);
  // The rows are those of the file after the move, too.
  EXPECT_EQ(inputs.problem.nonzeros(),
            static_cast<int64_t>(data_.index.size()) + 20);
  EXPECT_EQ(inputs.problem.view().index[0], data_.index[0]);
}

TEST_F(TrainingInputsTest, RefusesAnotherDataSet) {
  spec_.set_dataset("other");
  EXPECT_THAT(Message(), HasSubstr("spec: dataset: asks for \"other\""));
}

TEST_F(TrainingInputsTest, RefusesOptimaOfOtherData) {
  OptimumResult optimum;
  optimum.mutable_dataset()->set_digest("00");
  ASSERT_OK(WriteFileAtomically(Path("optimum"),
                                SerializeDeterministically(optimum)));
  EXPECT_THAT(Message(), HasSubstr("optimum: dataset.digest"));
}

}  // namespace
}  // namespace anisograd
