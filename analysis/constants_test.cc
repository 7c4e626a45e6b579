// Runs constants_main as Bazel does.

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "data/dataset_file.h"
#include "experiments/result.pb.h"
#include "experiments/spec_validation.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

class ConstantsTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const {
    return absl::StrCat(testing::TempDir(), "/constants_", name);
  }

  void SetUp() override {
    // Rows (2, 0) and (0, 4).
    CsrMatrix matrix;
    matrix.features = 2;
    matrix.row_start = {0, 1, 2};
    matrix.index = {0, 1};
    matrix.value = {2, 4};
    matrix.label = {1, -1};
    ASSERT_OK(WriteDataset(Path("data"), {"d", false, ""}, matrix.view()));
  }

  // The program's exit status, for a family on `dataset` of the small protocol.
  int Run(const std::string& dataset, bool bias_feature) const {
    ExperimentSpec family =
        ReadFamily("experiments/logistic/small.textproto", "f", dataset, 2)
            .value();
    family.mutable_logistic()->set_bias_feature(bias_feature);
    EXPECT_OK(WriteFileAtomically(Path("spec"), ToTextProto(family)));
    return std::system(
        absl::StrCat("analysis/constants_main --spec=", Path("spec"),
                     " --dataset=", Path("data"), " --target=//:c --out=",
                     Path("out"), " 2>", Path("errors"))
            .c_str());
  }
};

TEST_F(ConstantsTest, TheSpecSaysWhetherThereIsABiasFeature) {
  ConstantsResult without, with;
  ASSERT_EQ(Run("d", false), 0);
  ASSERT_OK(ReadBinaryProto(Path("out"), &without));
  ASSERT_EQ(Run("d", true), 0);
  ASSERT_OK(ReadBinaryProto(Path("out"), &with));
  EXPECT_FALSE(without.bias_feature());
  EXPECT_TRUE(with.bias_feature());
  // tr X'X / n = (4 + 16) / 2, and 1 more for the column of ones.
  EXPECT_DOUBLE_EQ(without.smoothness_l1(), 10);
  EXPECT_DOUBLE_EQ(with.smoothness_l1(), 11);
  EXPECT_NEAR(without.smoothness_linf(), 8, 1e-9);
  EXPECT_GT(with.smoothness_linf(), 8.01);
}

TEST_F(ConstantsTest, RefusesTheSpecOfAnotherDataSet) {
  EXPECT_NE(Run("e", true), 0);
  ASSERT_OK_AND_ASSIGN(const std::string errors, ReadFile(Path("errors")));
  EXPECT_NE(errors.find("asks for \"e\""), std::string::npos) << errors;
}

}  // namespace
}  // namespace anisograd
