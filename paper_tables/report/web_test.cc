#include "paper_tables/report/web.h"

#include "gtest/gtest.h"

namespace anisograd {
namespace {

TEST(WebTest, Html) {
  EXPECT_EQ(EscapeHtml("a<b & \"c\" > 'd'"),
            "a&lt;b &amp; &quot;c&quot; &gt; &#39;d&#39;");
}

TEST(WebTest, ScriptsCannotBeLeft) {
  EXPECT_EQ(EscapeScriptJson("[\"</script><!--\"]"),
            "[\"\\u003c/script>\\u003c!--\"]");
}

TEST(WebTest, Base64OfRfc4648) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fooba"), "Zm9vYmE=");
}

// The example of the specification of content-security policies, level 3.
TEST(WebTest, CspHash) {
  EXPECT_EQ(CspHash("alert('Hello, world.');"),
            "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=");
}

}  // namespace
}  // namespace anisograd
