#include "tools/base/isa.h"

#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/isa_testing.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

TEST(Isa, TheBestOneIsTheCurrentOne) {
  ASSERT_FALSE(AvailableIsas().empty());
  EXPECT_EQ(AvailableIsas().front(), Isa::kAvx2);
  EXPECT_EQ(CurrentIsa(), AvailableIsas().back());
}

// By the kernel's word, so that a processor's vectors are not overlooked, with
// which every test of both widths would be one of one width.
TEST(Isa, Avx512IsThereWhereTheKernelSaysSo) {
  ASSERT_OK_AND_ASSIGN(const std::string cpus, ReadFile("/proc/cpuinfo"));
  bool all = true;
  for (const char* flag :
       {" avx512f ", " avx512cd ", " avx512bw ", " avx512dq ", " avx512vl "}) {
    all = all && absl::StrContains(cpus, flag);
  }
  EXPECT_EQ(AvailableIsas().back(), all ? Isa::kAvx512 : Isa::kAvx2);
}

TEST(CheckAskedIsa, IsAvx2OrNothing) {
  ASSERT_EQ(::setenv("ANISOGRAD_ISA", "avx2", 1), 0);
  EXPECT_TRUE(CheckAskedIsa().ok());
  ASSERT_EQ(::setenv("ANISOGRAD_ISA", "sse2", 1), 0);
  EXPECT_EQ(CheckAskedIsa().message(),
            "ANISOGRAD_ISA: must be avx2 or unset, is \"sse2\"");
  ASSERT_EQ(::unsetenv("ANISOGRAD_ISA"), 0);
  EXPECT_TRUE(CheckAskedIsa().ok());
}

class EachIsa : public IsaTest {};
ANISOGRAD_FOR_EACH_ISA(EachIsa);

TEST_P(EachIsa, IsUsedWhenAskedFor) { EXPECT_EQ(CurrentIsa(), GetParam()); }

}  // namespace
}  // namespace anisograd
