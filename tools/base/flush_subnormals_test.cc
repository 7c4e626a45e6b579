#include "tools/base/flush_subnormals.h"

#include <limits>

#include "gtest/gtest.h"

namespace anisograd {
namespace {

// Operands and results, in either precision, and no longer than it lives.
TEST(FlushSubnormals, TakesThemForZeroWhileOneLives) {
  volatile double operand = std::numeric_limits<double>::denorm_min();
  volatile double small = 1e-160;
  volatile float operand_f = 1e-39f, small_f = 1e-20f;
  {
    const FlushSubnormals flush;
    EXPECT_EQ(operand * 1e300, 0.0);
    EXPECT_EQ(small * small, 0.0);
    EXPECT_EQ(operand_f * 1e10f, 0.0f);
    EXPECT_EQ(small_f * small_f, 0.0f);
    {
      const FlushSubnormals inner;
    }
    EXPECT_EQ(small * small, 0.0);
  }
  EXPECT_GT(operand * 1e300, 0.0);
  EXPECT_GT(small * small, 0.0);
  EXPECT_GT(operand_f * 1e10f, 0.0f);
  EXPECT_GT(small_f * small_f, 0.0f);
}

}  // namespace
}  // namespace anisograd
