#include "experiments/logistic/optimum/solve_optimum.h"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "data/synthetic.h"
#include "experiments/logistic/optimum/certificate.h"
#include "experiments/logistic/optimum/compressed_rows.h"
#include "experiments/logistic/optimum/gradient_descent.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

CsrMatrix Data(SyntheticSpec::Values values, double noise = 1.5) {
  DatasetSpec spec;
  spec.set_rows(900);
  spec.set_features(30);
  spec.set_mean_nonzeros(7);
  spec.mutable_synthetic()->set_values(values);
  spec.mutable_synthetic()->set_label_noise(noise);
  return GenerateStandIn(spec);
}

// n_+ rows x = 1 with label +1 and n_- with label -1: sigma(w*) = n_+ / n and
// f* is the entropy of that.
CsrMatrix Coin(int positive, int negative) {
  CsrMatrix m;
  m.features = 1;
  m.row_start.push_back(0);
  for (int i = 0; i < positive + negative; ++i) {
    m.index.push_back(0);
    m.value.push_back(1.0);
    m.label.push_back(i < positive ? 1 : -1);
    m.row_start.push_back(static_cast<uint32_t>(i + 1));
  }
  return m;
}

ExperimentSpec SpecOf(const std::string& method) {
  ExperimentSpec spec;
  OptimumSpec* optimum = spec.add_optimum();
  if (method == "newton") {
    optimum->mutable_newton()->set_gradient_tolerance(1e-12);
    optimum->mutable_newton()->set_max_iterations(100);
  } else if (method == "lbfgs") {
    optimum->mutable_lbfgs()->set_gradient_tolerance(1e-10);
    optimum->mutable_lbfgs()->set_max_iterations(1000);
    optimum->mutable_lbfgs()->set_memory(10);
  } else if (method == "gradient_descent") {
    optimum->mutable_gradient_descent()->set_steps(20000);
    optimum->mutable_gradient_descent()->set_learning_rate(2);
  } else {
    AdaGradOptimum* adagrad = optimum->mutable_adagrad();
    adagrad->set_epochs(300);
    adagrad->set_batch_size(10);
    adagrad->mutable_grid()->add_learning_rate(1);
    adagrad->mutable_grid()->add_learning_rate(0.1);
    adagrad->mutable_grid()->add_schedule()->set_kind(ScheduleSpec::CONSTANT);
    AdaGrad* rule = adagrad->mutable_optimizer()->mutable_adagrad();
    rule->set_epsilon(1e-10);
    rule->set_epsilon_convention(AdaGrad::OUTSIDE_ROOT);
    spec.mutable_logistic()->set_sampling(LogisticProtocol::SHUFFLE_EACH_EPOCH);
    spec.mutable_logistic()->set_last_batch(LogisticProtocol::KEEP);
  }
  return spec;
}

class SolveOptimumBy : public testing::TestWithParam<const char*> {};

TEST_P(SolveOptimumBy, FindsTheEntropyOfACoin) {
  const CsrMatrix m = Coin(60, 40);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  ASSERT_OK_AND_ASSIGN(const OptimumResult result,
                       SolveOptimum(problem, SpecOf(GetParam()), nullptr));
  const double entropy = -0.6 * std::log(0.6) - 0.4 * std::log(0.4);
  const bool stochastic = std::string(GetParam()) == "adagrad";
  EXPECT_NEAR(result.loss(), entropy, stochastic ? 1e-4 : 1e-13);
  EXPECT_NEAR(result.weights(0), std::log(1.5), stochastic ? 2e-2 : 1e-6);
  EXPECT_GE(result.loss(), entropy - 1e-15);
}

// f'' is 0.24 at the minimum of an unfair coin: a rate of 20 ends in a cycle.
TEST(SolveOptimum, DescentThatDivergedIsNoOptimum) {
  ExperimentSpec spec = SpecOf("gradient_descent");
  GradientDescentOptimum* descent =
      spec.mutable_optimum(0)->mutable_gradient_descent();
  descent->set_learning_rate(20);
  for (const int positive : {50, 60}) {
    for (const int steps : {1001, 1002}) {
      descent->set_steps(steps);
      const CsrMatrix m = Coin(positive, 100 - positive);
      ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                           LogisticProblem::Create(m.view(), false));
      const absl::Status status =
          SolveOptimum(problem, spec, nullptr).status();
      // Descent from 0 stays at a fair coin's minimum.
      EXPECT_EQ(status.ok(), positive == 50);
      if (status.ok()) continue;
      EXPECT_THAT(std::string(status.message()),
                  HasSubstr("learning_rate: 20 is too large"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, SolveOptimumBy,
                         testing::Values("newton", "lbfgs", "gradient_descent",
                                         "adagrad"));

TEST(SolveOptimum, NewtonAndLbfgsAgreeAndAreCertified) {
  for (const auto values : {SyntheticSpec::BINARY, SyntheticSpec::UNIT_NORM}) {
    const CsrMatrix m = Data(values);
    ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                         LogisticProblem::Create(m.view(), true));
    ASSERT_OK_AND_ASSIGN(const OptimumResult newton,
                         SolveOptimum(problem, SpecOf("newton"), nullptr));
    ASSERT_OK_AND_ASSIGN(const OptimumResult lbfgs,
                         SolveOptimum(problem, SpecOf("lbfgs"), nullptr));
    EXPECT_NEAR(newton.loss(), lbfgs.loss(), 1e-14);
    EXPECT_LE(newton.gradient_norm(), 1e-12);
    for (const OptimumResult& result : {newton, lbfgs}) {
      EXPECT_EQ(result.certificate(), OptimumResult::DUALITY_GAP);
      EXPECT_LE(result.lower_bound(), result.loss() + 1e-15);
      EXPECT_NEAR(result.lower_bound(), result.loss(), 1e-11);
    }
  }
}

// Near the minimum there is a bound; it is below inf f, and the nearer the tighter.
TEST(DualLowerBound, IsABoundAwayFromTheMinimum) {
  const CsrMatrix m = Data(SyntheticSpec::UNIT_NORM);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), true));
  ASSERT_OK_AND_ASSIGN(const OptimumResult newton,
                       SolveOptimum(problem, SpecOf("newton"), nullptr));
  const auto gap = [&](double scale) {
    std::vector<double> w(newton.weights().begin(), newton.weights().end());
    for (double& x : w) x *= scale;
    const std::optional<double> bound = DualLowerBound(problem, w);
    EXPECT_TRUE(bound.has_value()) << scale;
    return newton.loss() - bound.value_or(0.0);
  };
  EXPECT_NEAR(gap(1.0), 0.0, 1e-12);
  for (const double scale : {0.9, 0.99, 1.01, 1.1}) {
    // Strictly below: another dual point than the optimum.
    EXPECT_GT(gap(scale), 1e-11) << scale;
  }
  EXPECT_LT(gap(0.99), gap(0.9));
  EXPECT_LT(gap(1.01), gap(1.1));
}

// Whatever the point: where columns depend on each other, as these do, roundings
// must not decide.
TEST(DualLowerBound, IsThereAtEveryPointNearTheMinimum) {
  CsrMatrix m = Data(SyntheticSpec::BINARY);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), true));
  ASSERT_OK_AND_ASSIGN(const OptimumResult newton,
                       SolveOptimum(problem, SpecOf("newton"), nullptr));
  RandomStream stream(1, RandomPurpose::kTest);
  for (int i = 0; i < 200; ++i) {
    std::vector<double> w(newton.weights().begin(), newton.weights().end());
    const double radius = std::pow(10.0, stream.NextUniform(-12.0, -5.0));
    for (double& x : w) x += stream.NextUniform(-radius, radius);
    const std::optional<double> bound = DualLowerBound(problem, w);
    ASSERT_TRUE(bound.has_value()) << i << " " << radius;
    EXPECT_NEAR(*bound, newton.loss(), 1e-9);
    EXPECT_LE(*bound, newton.loss() + 1e-15);
  }
}

// f = 0 has no dual point above 0: what is not positive is no bound.
TEST(DualLowerBound, SaysNothingWhereItIsNotPositive) {
  CsrMatrix m = Coin(5, 0);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  EXPECT_FALSE(DualLowerBound(problem, {30.0}).has_value());
}

TEST(SolveOptimum, SeparableDataAreRecognised) {
  CsrMatrix m = Coin(5, 0);
  m.index.push_back(0);
  m.value.push_back(-1.0);
  m.label.push_back(-1);
  m.row_start.push_back(6);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  ASSERT_OK_AND_ASSIGN(const OptimumResult result,
                       SolveOptimum(problem, SpecOf("lbfgs"), nullptr));
  EXPECT_EQ(result.certificate(), OptimumResult::SEPARABLE);
  EXPECT_EQ(result.lower_bound(), 0.0);
}

// Compressed gradient steps are plain ones up to rounding.
TEST(GradientDescent, CompressedEqualsPlain) {
  const CsrMatrix m = Data(SyntheticSpec::BINARY);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), true));
  ASSERT_TRUE(CompressRows(problem.view()).has_value() ||
              CompressRows(problem.view(), 65536).has_value());
  GradientDescentOptions options;
  options.learning_rate = 1.0;
  for (const int64_t steps : {1, 2, 1000}) {
    options.steps = steps;
    options.plain = false;
    const std::vector<double> fast = RunGradientDescent(problem, options);
    options.plain = true;
    const std::vector<double> plain = RunGradientDescent(problem, options);
    for (size_t j = 0; j < fast.size(); ++j) {
      EXPECT_NEAR(fast[j], plain[j], 1e-12) << steps << " " << j;
    }
  }
}

// X is recovered from codes: every distinct row, with its counts.
TEST(CompressRows, HoldsTheRows) {
  CsrMatrix m;
  m.features = 4;
  m.row_start = {0, 2, 4, 4, 8, 10, 14};
  m.index = {0, 2, 0, 2, 0, 1, 2, 3, 1, 3, 0, 1, 2, 3};
  m.value.assign(14, 1.0);
  m.label = {1, -1, 1, -1, 1, 1};
  const std::optional<CompressedRows> rows = CompressRows(m.view(), 64);
  // One group needs all distinct rows as codes, and a third of the mean number
  // of non-zeros is below one, so it does not pay.
  EXPECT_FALSE(rows.has_value());
  // Three times as wide it does.
  CsrMatrix wide;
  wide.features = 12;
  wide.row_start.push_back(0);
  for (int i = 0; i < 6; ++i) {
    for (int copy = 0; copy < 3; ++copy) {
      for (uint32_t k = m.row_start[i]; k < m.row_start[i + 1]; ++k) {
        wide.index.push_back(m.index[k] + 4 * copy);
      }
    }
    wide.row_start.push_back(static_cast<uint32_t>(wide.index.size()));
  }
  wide.value.assign(wide.index.size(), 1.0);
  wide.label = m.label;
  const std::optional<CompressedRows> compressed =
      CompressRows(wide.view(), 64);
  ASSERT_TRUE(compressed.has_value());
  EXPECT_EQ(compressed->rows, 4);
  double count = 0.0, positive = 0.0;
  for (int64_t i = 0; i < compressed->rows; ++i) {
    count += compressed->count[i];
    positive += compressed->positive_count[i];
    size_t nonzeros = 0;
    for (size_t g = 0; g < compressed->groups.size(); ++g) {
      for (uint32_t c = compressed->code_of_row[g][i]; c != 0;
           c = compressed->groups[g][c].prefix) {
        ++nonzeros;
      }
    }
    EXPECT_EQ(nonzeros % 3, 0u);
  }
  EXPECT_EQ(count, 6);
  EXPECT_EQ(positive, 4);
}

TEST(CompressRows, LeavesOtherValuesAlone) {
  EXPECT_FALSE(
      CompressRows(Data(SyntheticSpec::UNIT_NORM).view()).has_value());
}

}  // namespace
}  // namespace anisograd
