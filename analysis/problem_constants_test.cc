#include "analysis/problem_constants.h"

#include <optional>
#include <vector>

#include "data/synthetic.h"
#include "experiments/logistic/lanes/sample_order.h"
#include "experiments/logistic/optimum/solve_optimum.h"
#include "experiments/logistic/train/cell.h"
#include "experiments/spec_validation.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// A family of the small protocol on generated data, with its exact optimum.
class ProblemConstantsTest : public testing::Test {
 protected:
  void SetUp() override {
    matrix_ = GenerateExponentialTail(120, 4, 0.3, 5);
    ASSERT_OK_AND_ASSIGN(
        ExperimentSpec family,
        ReadFamily("experiments/logistic/small.textproto", "made", "made", 4));
    family.mutable_logistic()->set_epochs(12);
    problem_.emplace(
        LogisticProblem::Create(matrix_.view(), true).value());
    ASSERT_OK_AND_ASSIGN(const ExperimentSpec exact,
                         ExpandOptimum(family, "exact"));
    ASSERT_OK_AND_ASSIGN(optimum_, SolveOptimum(*problem_, exact, {}));
    ASSERT_EQ(optimum_.certificate(), OptimumResult::DUALITY_GAP);
    OptimumResult paper = optimum_;
    paper.mutable_spec()->set_role(OptimumSpec::PAPER);
    for (const char* method : {"sgd", "adagrad"}) {
      ASSERT_OK_AND_ASSIGN(const ExperimentSpec cell,
                           ExpandCell(family, method, 16));
      ASSERT_OK_AND_ASSIGN(cells_.emplace_back(),
                           RunCell(*problem_, cell, {paper}, {}));
    }
  }

  CsrMatrix matrix_;
  std::optional<LogisticProblem> problem_;
  OptimumResult optimum_;
  std::vector<ExperimentResult> cells_;
};

TEST_F(ProblemConstantsTest, ThePathLeadsFromZeroToTheOptimum) {
  ASSERT_OK_AND_ASSIGN(const ProblemConstants c,
                       ComputeProblemConstants(*problem_, &optimum_, cells_));
  ASSERT_EQ(c.path_size(), 6);
  EXPECT_EQ(c.path(0).where(), "w = 0");
  EXPECT_EQ(c.path(2).where(), "SGD, M = 16, epoch 10");
  EXPECT_EQ(c.path(3).where(), "AdaGrad, M = 16, epoch 1");
  EXPECT_EQ(c.path(5).where(), "w*");
  // At w = 0 the Hessian is H / 4, the most that it is anywhere.
  EXPECT_NEAR(c.path(0).curvature().trace(), c.gram().trace() / 4, 1e-12);
  EXPECT_NEAR(c.path(0).curvature().valid_l1(), c.gram().valid_l1() / 4, 1e-6);
  for (const PathPoint& p : c.path()) {
    EXPECT_LE(p.curvature().top_lower(), c.gram().top_upper() / 4);
    EXPECT_LE(p.curvature().valid_l1_lower(), c.gram().valid_l1() / 4);
    EXPECT_LE(p.noise().l1(), c.noise_universal().l1());
    EXPECT_GE(p.loss(), optimum_.lower_bound());
  }
  // The point within an epoch is that of the cell's own run.
  const ::anisograd::Run* run = nullptr;
  for (const ::anisograd::Run& r : cells_[1].run()) {
    if (r.seed() == 1 &&
        r.learning_rate() == cells_[1].selected().learning_rate() &&
        r.schedule().kind() == cells_[1].selected().schedule().kind()) {
      run = &r;
    }
  }
  EXPECT_DOUBLE_EQ(c.path(3).loss(), run->loss(1));
  EXPECT_LE(c.noise_universal().l1(), c.noise_root_of_diagonal().l1());
  EXPECT_LE(c.noise_at_optimum().l1_error(), 1e-3);
  EXPECT_GT(c.noise_at_optimum().l2_error(), 0.0);
  EXPECT_LE(c.noise_at_optimum().l2_error(), c.noise_at_optimum().l1_error());
  EXPECT_GT(c.initial_distance_l2(), c.initial_distance_linf());
}

TEST_F(ProblemConstantsTest, WithoutAnOptimumNothingRefersToIt) {
  optimum_.set_certificate(OptimumResult::NONE);
  ASSERT_OK_AND_ASSIGN(const ProblemConstants c,
                       ComputeProblemConstants(*problem_, &optimum_, {}));
  EXPECT_EQ(c.path_size(), 1);
  EXPECT_FALSE(c.has_noise_at_optimum());
  EXPECT_EQ(c.has_distance_case(), ProblemConstants::HAS_DISTANCE_NOT_SET);
  EXPECT_GT(c.expected_l1(), 0);
}

// Of w_0 of the first seed from w*: none where w* is that w_0.
TEST_F(ProblemConstantsTest, InitialDistanceIsThatOfTheFirstSeed) {
  const ExperimentSpec& spec = cells_[0].spec();
  const std::vector<double> start =
      InitialWeights(spec.seed(0), spec.logistic().initial_radius(), 5);
  optimum_.mutable_weights()->Assign(start.begin(), start.end());
  ASSERT_OK_AND_ASSIGN(const ProblemConstants c,
                       ComputeProblemConstants(*problem_, &optimum_, cells_));
  EXPECT_EQ(c.initial_distance_l2(), 0);
  EXPECT_EQ(c.initial_distance_linf(), 0);
  EXPECT_NE(c.has_distance_case(), ProblemConstants::HAS_DISTANCE_NOT_SET);
}

TEST_F(ProblemConstantsTest, RefusesAnOptimumOfAnotherDimension) {
  optimum_.mutable_weights()->RemoveLast();
  EXPECT_FALSE(ComputeProblemConstants(*problem_, &optimum_, cells_).ok());
}

TEST(CheckTenPowerSteps, FailsAboveThePrecision) {
  ProblemConstants c;
  c.mutable_dataset()->set_name("d");
  c.mutable_dataset()->set_features(20000);
  c.set_ten_power_steps_error(9e-6);
  EXPECT_EQ(CheckTenPowerSteps({c}).verdict, Claim::Verdict::kHolds);
  c.set_ten_power_steps_error(2e-5);
  EXPECT_EQ(CheckTenPowerSteps({c}).verdict, Claim::Verdict::kFails);
  EXPECT_EQ(CheckTenPowerSteps({c}).evidence, "d 2.0e-05");
  c.mutable_dataset()->set_stand_in(true);
  EXPECT_EQ(CheckTenPowerSteps({c}).verdict, Claim::Verdict::kNotTested);
  EXPECT_EQ(CheckTenPowerSteps({c}).apart, "d (stand-in) 2.0e-05");
}

}  // namespace
}  // namespace anisograd
