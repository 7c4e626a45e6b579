// Runs measure_main as Bazel does.

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "analysis/held_out.pb.h"
#include "data/dataset_file.h"
#include "data/synthetic.h"
#include "experiments/logistic/optimum/solve_optimum.h"
#include "experiments/logistic/problem/dataset_record.h"
#include "experiments/logistic/train/cell.h"
#include "experiments/result.pb.h"
#include "experiments/spec_validation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

std::string Path(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/measure_", name);
}

// "made", a data set of `rows` rows, with a cell and its exact optimum.
void Write(const std::string& prefix, int64_t rows) {
  ASSERT_OK(WriteDataset(Path(prefix + ".dataset"), {"made", false, ""},
                         GenerateExponentialTail(rows, 4, 0.3, 5).view()));
  ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                       Dataset::Open(Path(prefix + ".dataset")));
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(dataset.view(), true));
  ASSERT_OK_AND_ASSIGN(
      ExperimentSpec family,
      ReadFamily("experiments/logistic/small.textproto", "made", "made", 4));
  family.mutable_logistic()->set_epochs(2);
  ASSERT_OK_AND_ASSIGN(const ExperimentSpec exact,
                       ExpandOptimum(family, "exact"));
  ASSERT_OK_AND_ASSIGN(OptimumResult optimum, SolveOptimum(problem, exact, {}));
  *optimum.mutable_dataset() = MakeDatasetRecord(dataset);
  ASSERT_OK(WriteFileAtomically(Path(prefix + "_optimum.pb"),
                                SerializeDeterministically(optimum)));
  ASSERT_OK_AND_ASSIGN(const ExperimentSpec cell,
                       ExpandCell(family, "adagrad", 16));
  ASSERT_OK_AND_ASSIGN(ExperimentResult result,
                       RunCell(problem, cell, {optimum}, {}));
  *result.mutable_dataset() = MakeDatasetRecord(dataset);
  ASSERT_OK(WriteFileAtomically(Path(prefix + ".pb"),
                                SerializeDeterministically(result)));
}

class MeasureTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    Write("a", 120);
    Write("b", 60);
  }

  // The exit status of the program, by the prefixes of its files.
  int Run(const std::string& what, const std::string& dataset,
          const std::string& result, const std::string& optimum,
          const std::string& more = "") {
    const int status = std::system(
        absl::StrCat("analysis/measure/measure_main --what=", what, " --dataset=",
                     Path(dataset + ".dataset"), " --results=",
                     Path(result + ".pb"), " --optimum=",
                     Path(optimum + "_optimum.pb"), " --out=", Path("out"), " ",
                     more, " 2>", Path("errors"))
            .c_str());
    errors_ = ReadFile(Path("errors")).value();
    return status;
  }

  std::string errors_;
};

TEST_F(MeasureTest, FilesOfOneDataSet) {
  EXPECT_EQ(Run("constants", "a", "a", "a"), 0) << errors_;
  EXPECT_NE(Run("constants", "a", "a", "b"), 0);
  EXPECT_THAT(errors_, HasSubstr("b_optimum.pb: dataset.digest: solved on other"));
  EXPECT_NE(Run("constants", "a", "b", "a"), 0);
  EXPECT_THAT(errors_, HasSubstr("b.pb: dataset: not that of --dataset"));
}

TEST_F(MeasureTest, AnUnknownMeasureIsRefusedBeforeAnyFileIsRead) {
  EXPECT_NE(Run("constant", "none", "none", "none"), 0);
  EXPECT_THAT(errors_, HasSubstr("--what: \"constant\" is neither"));
}

TEST_F(MeasureTest, HeldOutSamplesMayHaveBeenCut) {
  const std::string whole = "1 1:0.5\n-1 2:0.25";
  const std::string test = absl::StrCat("--test=", Path("test"));
  ASSERT_OK(WriteFileAtomically(Path("test"), whole + "\n"));
  ASSERT_EQ(Run("held_out", "a", "a", "a", test), 0) << errors_;
  EXPECT_EQ(errors_, "");
  HeldOutResult result;
  ASSERT_OK(ReadBinaryProto(Path("out"), &result));
  EXPECT_EQ(result.rows(), 2);
  EXPECT_EQ(result.file(), "measure_test");
  ASSERT_OK(WriteFileAtomically(Path("test"), whole));
  ASSERT_EQ(Run("held_out", "a", "a", "a", test), 0);
  EXPECT_THAT(errors_, HasSubstr("WARNING: "));
}

}  // namespace
}  // namespace anisograd
