// f(w*) is right or says that it is not, on data as they come: in any units,
// collinear, separable, of one class, with fewer rows than columns.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/synthetic.h"
#include "experiments/logistic/optimum/optimum_quality.h"
#include "experiments/logistic/optimum/solve_optimum.h"
#include "experiments/spec_validation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

CsrMatrix Sparse() {
  DatasetSpec spec;
  spec.set_rows(900);
  spec.set_features(30);
  spec.set_mean_nonzeros(7);
  spec.mutable_synthetic()->set_values(SyntheticSpec::UNIT_NORM);
  spec.mutable_synthetic()->set_label_noise(1.5);
  return GenerateStandIn(spec);
}

// Rows of `columns` values x(i, j), with label(i).
CsrMatrix Dense(int64_t rows, int64_t columns,
                const std::function<double(int64_t, int64_t)>& x,
                const std::function<int(int64_t)>& label) {
  CsrMatrix m;
  m.features = columns;
  m.row_start.push_back(0);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      m.index.push_back(static_cast<uint32_t>(j));
      m.value.push_back(x(i, j));
    }
    m.label.push_back(static_cast<int8_t>(label(i)));
    m.row_start.push_back(static_cast<uint32_t>(m.index.size()));
  }
  return m;
}

// Uniform in [0, 1), by row and column.
double Uniform(int64_t i, int64_t j) {
  return static_cast<double>(
             RandomStream(1, RandomPurpose::kTest, static_cast<uint32_t>(j))
                 .At(static_cast<uint64_t>(i)) >>
             11) *
         0x1.0p-53;
}

int Coin(int64_t i) { return Uniform(i, 1000) < 0.5 ? 1 : -1; }

// Every column j times scale(j).
CsrMatrix Scaled(CsrMatrix m, const std::function<double(uint32_t)>& scale) {
  for (size_t k = 0; k < m.index.size(); ++k) m.value[k] *= scale(m.index[k]);
  return m;
}

// 1e-9 to 1e9.
double Spread(uint32_t j) { return std::pow(10.0, (7 * j) % 19 - 9.0); }

class OnHardData : public testing::TestWithParam<const char*> {
 protected:
  // As the tool for any file asks for them.
  absl::StatusOr<OptimumResult> Solve(const CsrMatrix& data,
                                      bool bias = true) const {
    ExperimentSpec spec;
    const bool newton = std::string(GetParam()) == "newton";
    UseNothingOfThePapersData(newton ? 1 : 1 << 20, {OptimumSpec::EXACT}, &spec);
    EXPECT_EQ(spec.optimum(0).has_newton(), newton);
    absl::StatusOr<LogisticProblem> problem =
        LogisticProblem::Create(data.view(), bias);
    if (!problem.ok()) return problem.status();
    return SolveOptimum(*problem, spec, nullptr);
  }

  // f(w*), which must be certified.
  double Infimum(const CsrMatrix& data, bool bias = true) const {
    const absl::StatusOr<OptimumResult> optimum = Solve(data, bias);
    EXPECT_OK(optimum.status());
    if (!optimum.ok()) return std::nan("");
    EXPECT_EQ(optimum->certificate(), OptimumResult::DUALITY_GAP);
    EXPECT_TRUE(IsInfimumKnown(*optimum)) << DescribeOptimum(*optimum);
    return optimum->loss();
  }
};

INSTANTIATE_TEST_SUITE_P(Solvers, OnHardData,
                         testing::Values("newton", "lbfgs"));

// Both solvers, and any units.
TEST_P(OnHardData, UnitsDoNotMatter) {
  const CsrMatrix m = Sparse();
  const double expected = Infimum(m);
  EXPECT_NEAR(expected, 0.6, 0.1);
  EXPECT_NEAR(Infimum(Scaled(m, Spread)), expected, 1e-10 * expected);
  for (const double scale : {1e-9, 1e9, -1e9, 1e-150, 1e150}) {
    EXPECT_NEAR(Infimum(Scaled(m, [=](uint32_t) { return scale; })), expected,
                1e-10 * expected)
        << scale;
  }
}

// A time in seconds beside a share: far from 0, and hardly varying.
TEST_P(OnHardData, LargeColumnBesideASmallOne) {
  CsrMatrix m = Dense(
      400, 2,
      [](int64_t i, int64_t j) {
        return j == 0 ? 1.6e9 + std::floor(1e6 * Uniform(i, 0))
                      : std::round(1e3 * Uniform(i, 1)) / 1e3;
      },
      Coin);
  // The same columns, shifted by the bias and rescaled by hand.
  CsrMatrix easy = m;
  for (size_t k = 0; k < easy.value.size(); k += 2) {
    easy.value[k] = (easy.value[k] - 1.6e9) / 1e6;
  }
  const double expected = Infimum(easy);
  EXPECT_NEAR(Infimum(m), expected, 1e-10);
  // As a mistaken number of features makes it.
  m.features = 2500;
  if (std::string(GetParam()) == "lbfgs") {
    EXPECT_NEAR(Infimum(m), expected, 1e-10);
  }
}

// What varies is a smaller and smaller part of the column: right, or said to be
// not.
TEST_P(OnHardData, IsRightOrSaysThatItIsNot) {
  int known = 0;
  for (const double offset : {0.0, 1e3, 1e5, 1e7, 1e9}) {
    const auto x = [&](double shift) {
      return [offset, shift](int64_t i, int64_t) {
        return offset + Uniform(i, 0) - shift;
      };
    };
    const auto label = [](int64_t i) {
      return Uniform(i, 1) < Uniform(i, 0) ? 1 : -1;
    };
    ASSERT_OK_AND_ASSIGN(const OptimumResult optimum,
                         Solve(Dense(400, 1, x(0.0), label)));
    const double expected = Infimum(Dense(400, 1, x(offset), label));
    EXPECT_LT(expected, 0.55);
    if (IsInfimumKnown(optimum)) {
      ++known;
      EXPECT_NEAR(optimum.loss(), expected, 1e-7) << offset;
    }
    // Whatever is claimed is true.
    if (optimum.certificate() == OptimumResult::DUALITY_GAP) {
      EXPECT_LE(optimum.lower_bound(), expected + 1e-7) << offset;
    }
  }
  EXPECT_GE(known, 2);
}

TEST_P(OnHardData, ColumnsThatAddNothing) {
  const CsrMatrix m = Sparse();
  const double expected = Infimum(m);
  // Adds columns f(row, first column) behind m's.
  const auto with = [&](int columns, const std::function<double(double)>& f) {
    CsrMatrix out;
    out.features = m.features + columns;
    out.label = m.label;
    out.row_start.push_back(0);
    for (size_t i = 0; i < m.label.size(); ++i) {
      double first = 0.0;
      for (uint32_t k = m.row_start[i]; k < m.row_start[i + 1]; ++k) {
        out.index.push_back(m.index[k]);
        out.value.push_back(m.value[k]);
        if (m.index[k] == 0) first = m.value[k];
      }
      for (int c = 0; c < columns; ++c) {
        out.index.push_back(static_cast<uint32_t>(m.features + c));
        out.value.push_back(f(first));
      }
      out.row_start.push_back(static_cast<uint32_t>(out.index.size()));
    }
    return out;
  };
  const double tolerance = 1e-10 * expected;
  // Constants, beside the bias.
  EXPECT_NEAR(Infimum(with(1, [](double) { return 1.0; })), expected,
              tolerance);
  EXPECT_NEAR(Infimum(with(2, [](double) { return -3e8; })), expected,
              tolerance);
  // Without the bias a constant column is one.
  EXPECT_NEAR(Infimum(with(1, [](double) { return 1e-7; }), false), expected,
              tolerance);
  // Zeros that are stored, and columns without any entry.
  EXPECT_NEAR(Infimum(with(1, [](double) { return 0.0; })), expected,
              tolerance);
  CsrMatrix wide = m;
  wide.features += 5;
  EXPECT_NEAR(Infimum(wide), expected, tolerance);
  // Copies, in other units too.
  EXPECT_NEAR(Infimum(with(1, [](double x) { return x; })), expected,
              tolerance);
  EXPECT_NEAR(Infimum(with(3, [](double x) { return 7e6 * x; })), expected,
              tolerance);
}

TEST_P(OnHardData, SeparableDataHaveNoMinimum) {
  const auto x = [](double scale) {
    return [scale](int64_t i, int64_t j) { return scale * Uniform(i, j); };
  };
  const auto by_first = [](int64_t i) { return Uniform(i, 0) < 0.5 ? 1 : -1; };
  for (const double scale : {1.0, 1e-9, 1e9}) {
    ASSERT_OK_AND_ASSIGN(const OptimumResult optimum,
                         Solve(Dense(200, 3, x(scale), by_first)));
    EXPECT_EQ(optimum.certificate(), OptimumResult::SEPARABLE);
    EXPECT_EQ(optimum.lower_bound(), 0.0);
    EXPECT_TRUE(IsInfimumKnown(optimum));
    EXPECT_THAT(DescribeOptimum(optimum), HasSubstr("separable"));
  }
  // Fewer rows than columns always are, in general position.
  ASSERT_OK_AND_ASSIGN(const OptimumResult wide,
                       Solve(Dense(20, 60, x(1.0), Coin)));
  EXPECT_EQ(wide.certificate(), OptimumResult::SEPARABLE);
}

// All rows can be told apart but two that are equal and have either label: their
// losses are log 2 at best, and no w attains the infimum 2 log(2) / n.
TEST_P(OnHardData, FewerRowsThanColumnsThatAreNotSeparable) {
  const int64_t n = 20;
  const CsrMatrix m = Dense(
      n, 60,
      [](int64_t i, int64_t j) { return Uniform(std::max<int64_t>(i, 1), j); },
      [](int64_t i) { return i == 0 ? 1 : i == 1 ? -1 : Coin(i); });
  const double expected = 2.0 * std::log(2.0) / static_cast<double>(n);
  ASSERT_OK_AND_ASSIGN(const OptimumResult optimum, Solve(m));
  EXPECT_NEAR(optimum.loss(), expected, 1e-8);
  EXPECT_LE(optimum.lower_bound(), expected + 1e-14);
  // L-BFGS leaves weights of such rows that the certificate cannot make feasible,
  // and it says so.
  if (std::string(GetParam()) == "newton") {
    EXPECT_TRUE(IsInfimumKnown(optimum)) << DescribeOptimum(optimum);
  } else if (!IsInfimumKnown(optimum)) {
    EXPECT_THAT(DescribeOptimum(optimum), HasSubstr("only an upper bound"));
  }
}

TEST(SolveOptimum, OneClassHasNoOptimum) {
  const CsrMatrix m =
      Dense(3, 2, [](int64_t i, int64_t j) { return Uniform(i, j); },
            [](int64_t) { return -1; });
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(m.view(), true));
  for (int method = 0; method < 4; ++method) {
    ExperimentSpec spec;
    OptimumSpec* optimum = spec.add_optimum();
    if (method == 0) optimum->mutable_newton();
    if (method == 1) optimum->mutable_lbfgs();
    if (method == 2) optimum->mutable_gradient_descent();
    if (method == 3) optimum->mutable_adagrad();
    EXPECT_THAT(
        std::string(SolveOptimum(problem, spec, nullptr).status().message()),
        HasSubstr("all rows have y = -1"));
  }
}

}  // namespace
}  // namespace anisograd
