#include "experiments/logistic/problem/problem.h"

#include <cmath>
#include <vector>

#include "data/synthetic.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

CsrMatrix TwoRows() {
  CsrMatrix m;
  m.features = 2;
  m.row_start = {0, 1, 3};
  m.index = {0, 0, 1};
  m.value = {2, 1, -1};
  m.label = {1, -1};
  return m;
}

// w = (1, 3), bias 1/2: margins 2.5 and -(1 - 3 + 1/2) = 1.5.
TEST(LogisticProblem, LossByHand) {
  const CsrMatrix m = TwoRows();
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), true));
  EXPECT_EQ(problem.dimension(), 3);
  const std::vector<double> w = {1, 3, 0.5};
  EXPECT_NEAR(problem.Loss(w),
              (std::log1p(std::exp(-2.5)) + std::log1p(std::exp(-1.5))) / 2,
              1e-15);
  EXPECT_EQ(problem.SmallestMargin(w), 1.5);
}

TEST(LogisticProblem, LossAtZeroIsLogTwo) {
  const CsrMatrix m = TwoRows();
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  EXPECT_NEAR(problem.Loss(std::vector<double>(2, 0.0)), std::log(2.0), 1e-15);
}

TEST(LogisticProblem, LossOfHugeMarginsIsFiniteAndLinear) {
  const CsrMatrix m = TwoRows();
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), false));
  // Margins -2e6 and 1e6: the loss is 1e6.
  EXPECT_NEAR(problem.Loss(std::vector<double>{-1e6, 0.0}), 1e6, 1e-6);
}

TEST(LogisticProblem, GradientAgreesWithCentralDifferences) {
  DatasetSpec spec;
  spec.set_rows(700);
  spec.set_features(40);
  spec.set_mean_nonzeros(6);
  spec.mutable_synthetic()->set_values(SyntheticSpec::UNIT_NORM);
  const CsrMatrix m = GenerateStandIn(spec);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), true));
  RandomStream stream(3, RandomPurpose::kTest);
  std::vector<double> w(problem.dimension());
  for (double& x : w) x = stream.NextUniform(-2, 2);
  std::vector<double> gradient(w.size());
  EXPECT_EQ(problem.LossAndGradient(w, absl::MakeSpan(gradient)),
            problem.Loss(w));
  for (size_t j = 0; j < w.size(); ++j) {
    constexpr double kStep = 1e-5;
    std::vector<double> up = w, down = w;
    up[j] += kStep;
    down[j] -= kStep;
    EXPECT_NEAR(gradient[j],
                (problem.Loss(up) - problem.Loss(down)) / (2 * kStep), 1e-9);
  }
}

TEST(LogisticProblem, RefusesNoRows) {
  CsrMatrix m;
  m.features = 1;
  m.row_start = {0};
  EXPECT_FALSE(LogisticProblem::Create(m.view(), true).ok());
}

// Sizes are looked at before anything is allocated, or read.
TEST(LogisticProblem, RefusesWhatItCannotHold) {
  const uint32_t starts[] = {0, 1, 2};
  const int8_t labels[] = {1, -1};
  CsrView data = {2, 4294967294, starts, {}, {}, labels};
  const absl::Status status = LogisticProblem::Create(data, false).status();
  // No machine that this runs on has 300 GB to spare.
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(std::string(status.message())
                .rfind("features: 4294967294: takes about 294911 MB", 0),
            0u)
      << status;
  // Row starts of 32 bits would wrap with one more non-zero a row.
  data.features = 3;
  data.index = absl::MakeConstSpan(starts, (size_t{1} << 32) - 2);
  EXPECT_EQ(LogisticProblem::Create(data, true).status().message(),
            "the data set with its bias feature has 2^32 non-zeros or more");
}

}  // namespace
}  // namespace anisograd
