#include "data/synthetic.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "gtest/gtest.h"

namespace anisograd {
namespace {

DatasetSpec TextLike() {
  DatasetSpec spec;
  spec.set_name("text");
  spec.set_rows(4000);
  spec.set_features(2000);
  spec.set_mean_nonzeros(40.5);
  spec.mutable_synthetic()->set_seed(7);
  spec.mutable_synthetic()->set_power_law_exponent(1.0);
  spec.mutable_synthetic()->set_values(SyntheticSpec::UNIT_NORM);
  spec.mutable_synthetic()->set_label_noise(0.1);
  return spec;
}

TEST(GenerateStandIn, MatchesTheDeclaredShape) {
  const DatasetSpec spec = TextLike();
  const CsrMatrix m = GenerateStandIn(spec);
  const CsrView view = m.view();
  ASSERT_EQ(view.rows, 4000);
  EXPECT_EQ(view.features, 2000);
  EXPECT_NEAR(static_cast<double>(view.index.size()) / 4000, 40.5, 1.5);
  int positive = 0;
  uint32_t shortest = 2000;
  for (int64_t i = 0; i < view.rows; ++i) {
    double norm_squared = 0.0;
    for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
      norm_squared += view.value[k] * view.value[k];
      ASSERT_LT(view.index[k], 2000u);
      if (k > view.row_start[i]) {
        ASSERT_LT(view.index[k - 1], view.index[k]);
      }
    }
    EXPECT_NEAR(norm_squared, 1.0, 1e-12);
    shortest = std::min(shortest, view.row_start[i + 1] - view.row_start[i]);
    positive += view.label[i] > 0;
  }
  // Lengths are even over 1 .. 2 mean - 1, 50 rows of each.
  EXPECT_EQ(shortest, 1u);
  EXPECT_GT(positive, 1200);
  EXPECT_LT(positive, 2800);
}

TEST(GenerateStandIn, FeaturesFollowThePowerLaw) {
  const CsrMatrix m = GenerateStandIn(TextLike());
  std::vector<int> counts(2000);
  for (const uint32_t j : m.index) ++counts[j];
  std::sort(counts.rbegin(), counts.rend());
  // Frequencies fall like 1 / rank where draws without replacement do not
  // saturate: rank 200 against rank 1000.
  EXPECT_NEAR(static_cast<double>(counts[199]) / counts[999], 5.0, 1.0);
}

TEST(GenerateStandIn, BinaryRowsAreOnesOfNearlyConstantLength) {
  DatasetSpec spec = TextLike();
  spec.set_mean_nonzeros(13.87);
  spec.mutable_synthetic()->set_values(SyntheticSpec::BINARY);
  const CsrMatrix m = GenerateStandIn(spec);
  EXPECT_TRUE(HasBinaryValues(m.view()));
  for (int64_t i = 0; i < 4000; ++i) {
    const uint32_t length = m.row_start[i + 1] - m.row_start[i];
    EXPECT_TRUE(length == 13 || length == 14) << length;
  }
}

TEST(GenerateStandIn, IsAFunctionOfTheSeed) {
  DatasetSpec spec = TextLike();
  spec.set_rows(50);
  const CsrMatrix a = GenerateStandIn(spec);
  const CsrMatrix b = GenerateStandIn(spec);
  EXPECT_EQ(a.value, b.value);
  EXPECT_EQ(a.index, b.index);
  // Row i does not depend on how many rows there are.
  spec.set_rows(20);
  const CsrMatrix c = GenerateStandIn(spec);
  EXPECT_TRUE(std::equal(c.value.begin(), c.value.end(), a.value.begin()));
  spec.mutable_synthetic()->set_seed(8);
  EXPECT_NE(GenerateStandIn(spec).index, c.index);
}

// All weight on few features: drawing until there are enough would not end.
TEST(GenerateStandIn, EndsAtTheExtremes) {
  for (const double exponent : {50.0, 1e300}) {
    DatasetSpec spec = TextLike();
    spec.set_rows(20);
    spec.set_mean_nonzeros(1000);
    spec.mutable_synthetic()->set_power_law_exponent(exponent);
    EXPECT_GT(GenerateStandIn(spec).index.size(), 20u);
    spec.mutable_synthetic()->set_values(SyntheticSpec::BINARY);
    EXPECT_EQ(GenerateStandIn(spec).index.size(), 20000u);
  }
}

// (1/n) sum_i x_ij^2 = exp(-tau j).
TEST(GenerateExponentialTail, HasTheTail) {
  const double tau = 0.3;
  const CsrMatrix m = GenerateExponentialTail(100, 20, tau, 1);
  std::vector<double> moments(20);
  for (size_t k = 0; k < m.index.size(); ++k) {
    moments[m.index[k]] += m.value[k] * m.value[k] / 100;
  }
  for (int j = 0; j < 20; ++j) {
    EXPECT_NEAR(moments[j] / std::exp(-tau * (j + 1)), 1.0, 1e-12);
  }
}

}  // namespace
}  // namespace anisograd
