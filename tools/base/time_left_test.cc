#include "tools/base/time_left.h"

#include "gtest/gtest.h"

namespace anisograd {
namespace {

TEST(TimeLeft, IsWhatTheRestTakesAtTheSameRate) {
  EXPECT_EQ(TimeLeft(20.0, 0.2), ", about 1m20s left");
  EXPECT_EQ(TimeLeft(0.5, 0.5), ", about 1s left");
  EXPECT_EQ(TimeLeft(7200.0, 0.5), ", about 2h left");
  EXPECT_EQ(TimeLeft(3.0, 1.0), ", about 0 left");
  EXPECT_EQ(TimeLeft(3.0, 0.0), "");
}

}  // namespace
}  // namespace anisograd
