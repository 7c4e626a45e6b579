#include "analysis/curves.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Results = std::vector<ExperimentResult>;

// f(w*) = 0.25, 10 rows, two rates, three seeds; rate 1 is selected.
ExperimentResult MakeResult(const std::string& method, int64_t batch_size) {
  ExperimentResult result;
  result.mutable_spec()->set_name("d");
  result.mutable_spec()->add_method()->set_name(method);
  result.mutable_spec()->add_batch_size(batch_size);
  result.mutable_spec()->mutable_logistic()->set_selection(
      LogisticProtocol::BEST_EPOCH);
  result.set_target(absl::StrCat("//:d_", method, "_m", batch_size));
  result.mutable_dataset()->set_name("d");
  result.mutable_dataset()->set_rows(10);
  OptimumRecord* optimum = result.add_optimum();
  optimum->mutable_spec()->set_role(OptimumSpec::PAPER);
  optimum->set_loss(0.25);
  for (const double rate : {1.0, 0.1}) {
    result.mutable_spec()->mutable_grid()->add_learning_rate(rate);
    for (const int seed : {1, 2, 3}) {
      if (rate == 1.0) result.mutable_spec()->add_seed(seed);
      anisograd::Run* run = result.add_run();
      run->set_learning_rate(rate);
      run->mutable_schedule()->set_kind(ScheduleSpec::CONSTANT);
      run->set_seed(seed);
      run->set_outcome(Run::CONVERGED);
      run->add_loss(8.25);
      // f - f(w*): 1, 2, 4 after the first epoch, 0, 0.5, 1 after the second.
      run->add_loss(0.25 + (seed == 3 ? 4 : seed));
      run->add_loss(0.25 + 0.5 * (seed - 1));
      run->set_best_loss(run->loss(2) + (rate == 1.0 ? 0.0 : 2.0));
    }
  }
  result.mutable_selected()->set_learning_rate(1.0);
  result.mutable_selected()->mutable_schedule()->set_kind(
      ScheduleSpec::CONSTANT);
  return result;
}

TEST(CurvesTest, MedianAndRangeOfTheSelectedRuns) {
  const Results results = {MakeResult("sgd", 4), MakeResult("adagrad", 1),
                           MakeResult("sgd", 1)};
  ASSERT_OK_AND_ASSIGN(const std::string csv, MakeCurvesCsv(results));
  EXPECT_THAT(csv, HasSubstr(
                       "batch_size,method,learning_rate,constant,epoch,"
                       "evaluations,steps,median,low,high\n"
                       "1,SGD,1,1,1,10,10,2,1,4\n"
                       "1,SGD,1,1,2,20,20,0.5,0.5,1\n"
                       "4,SGD,1,1,1,10,3,2,1,4\n"
                       "4,SGD,1,1,2,20,6,0.5,0.5,1\n"
                       "1,AdaGrad,1,1,1,10,10,2,1,4\n"));
  EXPECT_THAT(csv, HasSubstr("# caption: d: "));
  EXPECT_THAT(csv, HasSubstr("over 3 seeds"));
  EXPECT_THAT(csv, Not(HasSubstr("left out")));
}

TEST(CurvesTest, PointsBelowTheOptimumAreCountedAndStandInsNamed) {
  ExperimentResult result = MakeResult("sgd", 1);
  for (anisograd::Run& run : *result.mutable_run()) run.set_loss(2, 0.125);
  result.mutable_dataset()->set_note("made up");
  ASSERT_OK_AND_ASSIGN(const std::string csv, MakeCurvesCsv(Results{result}));
  EXPECT_THAT(csv, HasSubstr("# note: d: made up.\n# note: 1 points"));
  EXPECT_THAT(csv, Not(HasSubstr("SGD,1,1,2,")));
}

TEST(CurvesTest, RatesLeaveOutExplodedOnes) {
  ExperimentResult result = MakeResult("sgd", 1);
  ASSERT_OK_AND_ASSIGN(std::string csv, MakeRatesCsv(Results{result}));
  EXPECT_THAT(csv, HasSubstr(
                       "batch_size,method,learning_rate,constant,median,low,"
                       "high\n"
                       "1,SGD,0.1,1,2.5,2,3\n"
                       "1,SGD,1,1,0.5,0.5,1\n"));
  result.mutable_run(4)->set_outcome(Run::EXPLODED);
  ASSERT_OK_AND_ASSIGN(csv, MakeRatesCsv(Results{result}));
  EXPECT_THAT(csv, Not(HasSubstr("1,SGD,0.1,")));
}

TEST(CurvesTest, SaysWhyThereIsNoPoint) {
  ExperimentResult below = MakeResult("sgd", 1), exploded = below;
  for (anisograd::Run& run : *below.mutable_run()) {
    for (double& loss : *run.mutable_loss()) loss = 0.125;
    run.set_best_loss(0.125);
  }
  for (anisograd::Run& run : *exploded.mutable_run()) {
    run.set_outcome(Run::EXPLODED);
  }
  exploded.clear_selected();
  exploded.mutable_spec()->set_batch_size(0, 2);
  const Results results = {below, exploded};
  for (const auto make : {MakeCurvesCsv, MakeRatesCsv}) {
    ASSERT_OK_AND_ASSIGN(const std::string csv, make(results));
    EXPECT_THAT(csv,
                HasSubstr("# note: 2 points at or below f(w*), the optimum that "
                          "the paper computes, are left out.\n"
                          "# note: There is no point: in 1 of 2 cells a run "
                          "exploded at every rate.\nbatch_size,"));
    EXPECT_EQ(csv.back(), '\n');
    EXPECT_THAT(csv, Not(HasSubstr("\n1,SGD")));
  }
}

TEST(CurvesTest, Refusals) {
  EXPECT_FALSE(MakeCurvesCsv({}).ok());
  ExperimentResult result = MakeResult("sgd", 1);
  ExperimentResult other = result;
  other.mutable_spec()->set_name("e");
  EXPECT_FALSE(MakeCurvesCsv(Results{result, other}).ok());
  other = result;
  other.mutable_spec()->add_batch_size(2);
  EXPECT_FALSE(MakeRatesCsv(Results{other}).ok());
  result.clear_optimum();
  EXPECT_FALSE(MakeCurvesCsv(Results{result}).ok());
}

}  // namespace
}  // namespace anisograd
