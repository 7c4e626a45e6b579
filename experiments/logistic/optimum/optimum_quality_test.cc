#include "experiments/logistic/optimum/optimum_quality.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

OptimumResult Found(OptimumResult::Certificate certificate, double loss,
                    double lower_bound) {
  OptimumResult optimum;
  optimum.set_certificate(certificate);
  optimum.set_loss(loss);
  optimum.set_lower_bound(lower_bound);
  optimum.set_gradient_norm(2.5e-9);
  return optimum;
}

TEST(OptimumQuality, ASmallGapIsTheInfimum) {
  const OptimumResult optimum =
      Found(OptimumResult::DUALITY_GAP, 0.25, 0.25 - 2e-9);
  EXPECT_TRUE(IsInfimumKnown(optimum));
  EXPECT_EQ(DescribeOptimum(optimum),
            "f(w*) = 0.25, |grad f(w*)|_2 = 2.5e-09; at most 2.0e-09 above "
            "inf f.");
}

// Rounding can put the bound above f.
TEST(OptimumQuality, NoGapIsNegative) {
  EXPECT_THAT(
      DescribeOptimum(Found(OptimumResult::DUALITY_GAP, 0.25, 0.25 + 1e-16)),
      HasSubstr("at most 0.0e+00 above"));
}

TEST(OptimumQuality, ALargeGapIsAnUpperBound) {
  const OptimumResult optimum =
      Found(OptimumResult::DUALITY_GAP, 0.25, 0.25 - 3e-9);
  EXPECT_FALSE(IsInfimumKnown(optimum));
  EXPECT_THAT(DescribeOptimum(optimum), HasSubstr("only an upper bound"));
  EXPECT_THAT(DescribeOptimum(optimum), HasSubstr("too small by up to 3.0e-09"));
}

TEST(OptimumQuality, NoBoundIsAnUpperBound) {
  const OptimumResult optimum = Found(OptimumResult::NONE, 0.25, 0.0);
  EXPECT_FALSE(IsInfimumKnown(optimum));
  EXPECT_THAT(DescribeOptimum(optimum), HasSubstr("only an upper bound"));
}

TEST(OptimumQuality, SeparableDataHaveAnInfimum) {
  const OptimumResult optimum = Found(OptimumResult::SEPARABLE, 1e-5, 0.0);
  EXPECT_TRUE(IsInfimumKnown(optimum));
  EXPECT_THAT(DescribeOptimum(optimum), HasSubstr("inf f = 0"));
  EXPECT_THAT(DescribeOptimum(optimum), Not(HasSubstr("upper bound")));
}

}  // namespace
}  // namespace anisograd
