#include "tools/base/hex.h"

#include <string>

#include "gtest/gtest.h"

namespace anisograd {
namespace {

TEST(HexToBytes, TakesTwoDigitsEach) {
  EXPECT_EQ(HexToBytes("00417aFf"), std::string("\0Az\xff", 4));
  EXPECT_EQ(HexToBytes(""), "");
}

}  // namespace
}  // namespace anisograd
