#include "tools/base/isa.h"

#include "gtest/gtest.h"
#include "tools/base/isa_testing.h"

namespace anisograd {
namespace {

TEST(Isa, TheBestOneIsTheCurrentOne) {
  ASSERT_FALSE(AvailableIsas().empty());
  EXPECT_EQ(AvailableIsas().front(), Isa::kAvx2);
  EXPECT_EQ(CurrentIsa(), AvailableIsas().back());
}

class EachIsa : public IsaTest {};
ANISOGRAD_FOR_EACH_ISA(EachIsa);

TEST_P(EachIsa, IsUsedWhenAskedFor) { EXPECT_EQ(CurrentIsa(), GetParam()); }

}  // namespace
}  // namespace anisograd
