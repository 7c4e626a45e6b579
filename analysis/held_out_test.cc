#include "analysis/held_out.h"

#include <cmath>
#include <vector>

#include "analysis/retrain.h"
#include "data/synthetic.h"
#include "experiments/logistic/train/cell.h"
#include "experiments/spec_validation.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Margins 1, -1 and 0 at w = 1.
TEST(ScoreWeights, CountsPositiveMargins) {
  CsrMatrix m;
  m.features = 1;
  m.row_start = {0, 1, 2, 2};
  m.index = {0, 0};
  m.value = {1, 1};
  m.label = {1, -1, 1};
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  const HeldOutScore score = ScoreWeights(problem, {1.0});
  EXPECT_DOUBLE_EQ(score.accuracy(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(score.loss(), (std::log1p(std::exp(-1)) +
                                  std::log1p(std::exp(1)) + std::log(2)) /
                                     3);
}

class HeldOutTest : public testing::Test {
 protected:
  void SetUp() override {
    matrix_ = GenerateExponentialTail(120, 4, 0.3, 5);
    ASSERT_OK_AND_ASSIGN(
        ExperimentSpec family,
        ReadFamily("experiments/logistic/small.textproto", "made", "made", 4));
    family.mutable_logistic()->set_epochs(5);
    ASSERT_OK_AND_ASSIGN(const ExperimentSpec cell,
                         ExpandCell(family, "adagrad", 16));
    ASSERT_OK_AND_ASSIGN(
        const LogisticProblem problem,
        LogisticProblem::Create(matrix_.view(), true));
    OptimumResult paper;
    paper.mutable_spec()->set_role(OptimumSpec::PAPER);
    for (int j = 0; j < 5; ++j) paper.add_weights(0);
    ASSERT_OK_AND_ASSIGN(cell_, RunCell(problem, cell, {paper}, {}));
  }

  CsrMatrix matrix_;
  ExperimentResult cell_;
};

// Held-out samples that are those trained on: the loss is the run's own.
TEST_F(HeldOutTest, WeightsAreThoseOfTheCellsRuns) {
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(matrix_.view(), true));
  ASSERT_OK_AND_ASSIGN(const HeldOutResult result,
                       ComputeHeldOut(problem, problem, {cell_}, {}));
  ASSERT_EQ(result.cell_size(), 1);
  ASSERT_EQ(result.cell(0).score_size(), 3);
  double mean = 0;
  for (const HeldOutScore& score : result.cell(0).score()) {
    mean += score.loss() / 3;
  }
  EXPECT_NEAR(mean, cell_.selected().mean_loss(), 1e-15);
  EXPECT_FALSE(result.has_optimum());
}

TEST_F(HeldOutTest, RefusesOtherDimensionsAndCellsWithoutASelection) {
  ASSERT_OK_AND_ASSIGN(const LogisticProblem train,
                       LogisticProblem::Create(matrix_.view(), true));
  ASSERT_OK_AND_ASSIGN(const LogisticProblem test,
                       LogisticProblem::Create(matrix_.view(), false));
  EXPECT_FALSE(ComputeHeldOut(train, test, {cell_}, {}).ok());
  cell_.clear_selected();
  EXPECT_FALSE(RetrainSelected(train, cell_, 1, 1).ok());
  ASSERT_OK_AND_ASSIGN(const HeldOutResult result,
                       ComputeHeldOut(train, train, {cell_}, {}));
  EXPECT_EQ(result.cell_size(), 0);
}

TEST_F(HeldOutTest, SaysWhoseScoresTheyAre) {
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(matrix_.view(), true));
  cell_.set_target("//:t");
  cell_.set_spec_digest("digest");
  ASSERT_OK_AND_ASSIGN(const HeldOutResult result,
                       ComputeHeldOut(problem, problem, {cell_}, {}));
  EXPECT_EQ(result.rows(), 120);
  EXPECT_EQ(result.cell(0).method(), "adagrad");
  EXPECT_EQ(result.cell(0).batch_size(), 16);
  EXPECT_EQ(result.cell(0).target(), "//:t");
  EXPECT_EQ(result.cell(0).spec_digest(), "digest");
}

// At w = 0 every loss is log 2 and no margin is positive.
TEST_F(HeldOutTest, TheOptimumCountsWhereItIsCertified) {
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(matrix_.view(), true));
  OptimumResult optimum;
  for (int j = 0; j < 5; ++j) optimum.add_weights(0);
  EXPECT_FALSE(
      ComputeHeldOut(problem, problem, {}, optimum)->has_optimum());
  optimum.set_certificate(OptimumResult::DUALITY_GAP);
  ASSERT_OK_AND_ASSIGN(const HeldOutResult result,
                       ComputeHeldOut(problem, problem, {}, optimum));
  ASSERT_TRUE(result.has_optimum());
  EXPECT_NEAR(result.optimum().loss(), std::log(2.0), 1e-15);
  EXPECT_EQ(result.optimum().accuracy(), 0.0);
  optimum.add_weights(0);
  EXPECT_FALSE(
      ComputeHeldOut(problem, problem, {}, optimum)->has_optimum());
}

}  // namespace
}  // namespace anisograd
