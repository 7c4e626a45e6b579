#include "experiments/logistic/optimum/column_scales.h"

#include <cmath>

#include "gtest/gtest.h"

namespace anisograd {
namespace {

// One row for each value of the only column.
Eigen::VectorXd OfColumn(const std::vector<double>& values) {
  CsrMatrix m;
  m.features = 1;
  m.row_start.push_back(0);
  for (const double x : values) {
    m.index.push_back(0);
    m.value.push_back(x);
    m.label.push_back(1);
    m.row_start.push_back(static_cast<uint32_t>(m.index.size()));
  }
  return InverseColumnScales(m.view());
}

TEST(InverseColumnScales, ArePowersOfTwoBelowTheRootMeanSquare) {
  EXPECT_EQ(OfColumn({3, -3, 3})[0], 0.5);
  EXPECT_EQ(OfColumn({3, 5})[0], 0.25);  // sqrt(17) = 4.12
  EXPECT_EQ(OfColumn({0.3})[0], 4.0);
}

TEST(InverseColumnScales, LeaveIndicatorsAndZerosAlone) {
  EXPECT_EQ(OfColumn({1, 1, 1})[0], 1.0);
  EXPECT_EQ(OfColumn({1, 0, 0, 0})[0], 1.0);
  EXPECT_EQ(OfColumn({0, 0})[0], 1.0);
  CsrMatrix empty;
  empty.features = 2;
  empty.row_start = {0, 0};
  empty.label = {1};
  EXPECT_EQ(InverseColumnScales(empty.view()), Eigen::VectorXd::Ones(2));
}

// As far as double precision goes.
TEST(InverseColumnScales, AreFinite) {
  for (const double x : {5e-324, 1e-300, 1e-9, 1e9, 1e300, 1.7e308}) {
    const double inverse = OfColumn({x, x})[0];
    EXPECT_TRUE(std::isnormal(inverse)) << x;
    EXPECT_LE(x * inverse, 257.0) << x;
  }
  EXPECT_EQ(OfColumn({1e200, 1e200})[0], OfColumn({1e200})[0]);
}

}  // namespace
}  // namespace anisograd
