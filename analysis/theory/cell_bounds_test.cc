#include "analysis/theory/cell_bounds.h"

#include <cstdint>
#include <string>

#include "data/synthetic.h"
#include "experiments/logistic/optimum/solve_optimum.h"
#include "experiments/logistic/train/cell.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kCell[] = R"pb(
  name: "made_up"
  dataset: "made_up"
  batch_size: 8
  grid {
    learning_rate: [0.5, 0.1]
    schedule { kind: CONSTANT }
  }
  seed: [1, 2]
  logistic {
    epochs: 20
    initial_radius: 0.05
    bias_feature: true
    sampling: WITH_REPLACEMENT
    last_batch: DROP
    schedule_clock: PER_ITERATION
    iterate: AVERAGED
    selection: LAST_EPOCH
    projection { kind: BOX radius: 20 }
  }
)pb";

class CellBoundsTest : public testing::Test {
 protected:
  CellBoundsTest()
      : data_(GenerateExponentialTail(200, 5, 0.3, 1)),
        problem_(LogisticProblem::Create(data_.view(), true).value()) {
    EXPECT_OK(ParseTextProto(kCell, "cell", &spec_));
    ExperimentSpec part = spec_;
    OptimumSpec& optimum = *part.add_optimum();
    optimum.set_role(OptimumSpec::EXACT);
    optimum.mutable_newton()->set_gradient_tolerance(1e-11);
    optimum.mutable_newton()->set_max_iterations(100);
    optimum_ = SolveOptimum(problem_, part, nullptr).value();
  }

  ExperimentResult RunMethod(const std::string& method) {
    Method& m = *spec_.add_method();
    m.set_name(method);
    if (method == "sgd") {
      m.mutable_optimizer()->mutable_sgd();
    } else {
      AdaGrad& rule = *m.mutable_optimizer()->mutable_adagrad();
      rule.set_epsilon_convention(AdaGrad::INSIDE_ROOT);
      rule.set_epsilon(1e-10);
    }
    return RunCell(problem_, spec_, {optimum_}, nullptr).value();
  }

  CsrMatrix data_;
  LogisticProblem problem_;
  ExperimentSpec spec_;
  OptimumResult optimum_;
};

TEST_F(CellBoundsTest, EveryConditionHoldsAndSoDoTheBounds) {
  ASSERT_OK_AND_ASSIGN(
      const CellBounds bounds,
      ComputeCellBounds(problem_, RunMethod("adagrad"), optimum_));
  // The selected step, and the largest where it is another.
  ASSERT_GE(bounds.run_size(), 1);
  for (const RunBounds& run : bounds.run()) {
    EXPECT_EQ(run.seeds(), 2);
    EXPECT_EQ(run.steps(), 20 * 200 / 8);
    ASSERT_EQ(run.theorem_size(), 3);
    for (const TheoremBound& t : run.theorem()) {
      EXPECT_GT(t.measured(), 0.0) << t.theorem();
      EXPECT_LT(t.measured(), t.bound()) << t.theorem();
    }
    const TheoremBound& convex = run.theorem(0);
    EXPECT_EQ(convex.unmet_size(), 0);
    EXPECT_DOUBLE_EQ(convex.bias() + convex.variance() + convex.epsilon(),
                     convex.bound());
    EXPECT_LE(convex.by_coordinate(), convex.solved());
    EXPECT_LE(convex.solved(), convex.bound());
    EXPECT_EQ(convex.link(convex.link_size() - 1).value(), convex.bound());
    // LAST_EPOCH's averaged iterate is the theorem's output.
    EXPECT_NEAR(convex.link(0).value(), run.selected_gap(), 1e-12);
    EXPECT_THAT(run.theorem(2).unmet(), ElementsAre("projection"));
  }
}

TEST_F(CellBoundsTest, Sgd) {
  ASSERT_OK_AND_ASSIGN(
      const CellBounds bounds,
      ComputeCellBounds(problem_, RunMethod("sgd"), optimum_));
  ASSERT_EQ(bounds.run_size(), 1);
  ASSERT_EQ(bounds.run(0).theorem_size(), 2);
  for (const TheoremBound& t : bounds.run(0).theorem()) {
    EXPECT_LT(t.measured(), t.bound()) << t.theorem();
  }
}

// What is not known of w* is added: to the noise there, in Theorem E.1, and to
// f(w_0) - f(w*), in 4.3 and D.3. Nothing else changes.
TEST_F(CellBoundsTest, AGapOfTheOptimumRaisesTheBoundsThatNeedIt) {
  OptimumResult rough = optimum_;
  rough.set_lower_bound(optimum_.lower_bound() - 0.01);
  for (const std::string method : {"adagrad", "sgd"}) {
    spec_.clear_method();
    const ExperimentResult cell = RunMethod(method);
    ASSERT_OK_AND_ASSIGN(const CellBounds sharp,
                         ComputeCellBounds(problem_, cell, optimum_));
    ASSERT_OK_AND_ASSIGN(const CellBounds loose,
                         ComputeCellBounds(problem_, cell, rough));
    EXPECT_GT(loose.noise_at_optimum_l1(), sharp.noise_at_optimum_l1());
    const RunBounds &a = sharp.run(0), &b = loose.run(0);
    EXPECT_EQ(b.theorem(0).bound(), a.theorem(0).bound());
    for (int i = 1; i < a.theorem_size(); ++i) {
      EXPECT_GT(b.theorem(i).bound(), a.theorem(i).bound())
          << a.theorem(i).theorem();
      EXPECT_EQ(b.theorem(i).measured(), a.theorem(i).measured());
    }
  }
}

TEST_F(CellBoundsTest, ConditionsAreNamed) {
  spec_.mutable_logistic()->set_sampling(LogisticProtocol::SHUFFLE_EACH_EPOCH);
  spec_.mutable_logistic()->mutable_projection()->set_radius(0.1);
  ASSERT_OK_AND_ASSIGN(
      const CellBounds bounds,
      ComputeCellBounds(problem_, RunMethod("adagrad"), optimum_));
  EXPECT_THAT(bounds.run(0).theorem(0).unmet(),
              ElementsAre("sampled without replacement", "w* outside W"));
}

TEST_F(CellBoundsTest, ALastBatchIsSmallerWhereMDoesNotDivideTheRows) {
  spec_.mutable_logistic()->set_last_batch(LogisticProtocol::KEEP);
  for (const int64_t m : {8, 7}) {
    spec_.clear_method();
    spec_.set_batch_size(0, m);
    ASSERT_OK_AND_ASSIGN(const CellBounds bounds,
                         ComputeCellBounds(problem_, RunMethod("sgd"), optimum_));
    EXPECT_THAT(bounds.run(0).theorem(1).unmet(),
                testing::Contains("last batch smaller").Times(m == 7));
  }
}

TEST_F(CellBoundsTest, AReplayMustBeTheRun) {
  ExperimentResult cell = RunMethod("adagrad");
  for (auto& run : *cell.mutable_run()) run.set_seed(run.seed() + 1);
  for (uint64_t& seed : *cell.mutable_spec()->mutable_seed()) ++seed;
  EXPECT_THAT(
      ComputeCellBounds(problem_, cell, optimum_).status().message(),
      HasSubstr("has other losses than the run"));
}

TEST_F(CellBoundsTest, RefusesRunsOfMoreSeedsThanTheSpecHas) {
  ExperimentResult cell = RunMethod("sgd");
  const int size = cell.run_size();
  for (int i = 0; i < size; ++i) *cell.add_run() = cell.run(i);
  EXPECT_THAT(ComputeCellBounds(problem_, cell, optimum_).status().message(),
              HasSubstr("run: 4 of a grid point, of 2 seeds"));
}

TEST_F(CellBoundsTest, OnlyACertifiedOptimum) {
  const ExperimentResult cell = RunMethod("sgd");
  optimum_.set_certificate(OptimumResult::NONE);
  EXPECT_THAT(ComputeCellBounds(problem_, cell, optimum_).status().message(),
              HasSubstr("must be a duality gap"));
}

}  // namespace
}  // namespace anisograd
