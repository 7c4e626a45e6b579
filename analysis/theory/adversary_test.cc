#include "analysis/theory/adversary.h"

#include <cctype>
#include <string>

#include "gtest/gtest.h"

namespace anisograd {
namespace {

class Adversary : public testing::TestWithParam<Theorem> {};

TEST_P(Adversary, NeverExceedsABound) {
  const AdversaryResult result = SearchAdversary(GetParam(), 2000, 4, 1);
  EXPECT_EQ(result.duels, 2000);
  EXPECT_EQ(result.violations, 0);
  EXPECT_FALSE(result.tightest.Violated());
  EXPECT_GT(result.tightest.ratio(), 0.0);
}

// Constants below the truth are found out.
TEST_P(Adversary, FalseConstantsAreViolated) {
  // 4.3 and 5.3 are further from tight.
  const bool loose = GetParam() == Theorem::kAdaGradNonconvex ||
                     GetParam() == Theorem::kAdaGradGeneralized;
  const double share = loose ? 1.0 / 16 : 1.0 / 2;
  const AdversaryResult result =
      SearchAdversary(GetParam(), 1000, 2, 1, {share, share, share});
  EXPECT_GT(result.violations, 0);
  EXPECT_TRUE(result.tightest.Violated());
}

// The Huber flank of docs/theory.md: D.1 and D.3 are tight.
TEST(AdversaryTightness, SgdsBoundsAreAttained) {
  for (const Theorem theorem : {Theorem::kSgd, Theorem::kSgdNonconvex}) {
    EXPECT_GT(SearchAdversary(theorem, 2000, 4, 1).tightest.ratio(), 0.99)
        << TheoremName(theorem);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Adversary, testing::ValuesIn(kTheorems),
                         [](const auto& info) {
                           std::string name = TheoremName(info.param);
                           for (char& c : name) {
                             if (!std::isalnum(c)) c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace anisograd
