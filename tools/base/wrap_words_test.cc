#include "tools/base/wrap_words.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(WrapWords, BreaksAtBlanks) {
  EXPECT_THAT(WrapWords("aa bb cc dd", 6, 2),
              ElementsAre("aa bb", "  cc", "  dd"));
  EXPECT_THAT(WrapWords("aaaaaaaaaa  b", 4), ElementsAre("aaaaaaaaaa", "b"));
  EXPECT_THAT(WrapWords(" ", 4), IsEmpty());
}

TEST(WrapWords, CountsCharacters) {
  EXPECT_EQ(TextWidth("≤ σ"), 3u);
  EXPECT_THAT(WrapWords("≤ σ ≥", 3), ElementsAre("≤ σ", "≥"));
}

}  // namespace
}  // namespace anisograd
