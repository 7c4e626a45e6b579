#include "analysis/sparsity.h"

#include "gtest/gtest.h"

namespace anisograd {
namespace {

TEST(EffectiveSparsity, LiesBetweenOneOverDAndOne) {
  EXPECT_DOUBLE_EQ(EffectiveSparsity(Eigen::Vector4d(0, -7, 0, 0)), 0.25);
  EXPECT_DOUBLE_EQ(EffectiveSparsity(Eigen::Vector4d(2, -2, 2, 2)), 1.0);
  // 4^2 / (2 (1 + 9)).
  EXPECT_DOUBLE_EQ(EffectiveSparsity(Eigen::Vector2d(-1, 3)), 0.8);
  EXPECT_EQ(EffectiveSparsity(Eigen::Vector2d(0, 0)), 0.0);
}

}  // namespace
}  // namespace anisograd
