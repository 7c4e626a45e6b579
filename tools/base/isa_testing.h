#ifndef TOOLS_BASE_ISA_TESTING_H_
#define TOOLS_BASE_ISA_TESTING_H_

#include <algorithm>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/isa.h"

namespace anisograd {

// Runs a test on each instruction set; skips those that the processor lacks.
//
//   class Gelu : public IsaTest {};
//   ANISOGRAD_FOR_EACH_ISA(Gelu);
//   TEST_P(Gelu, ...) { ... }
class IsaTest : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    const std::vector<Isa> available = AvailableIsas();
    if (std::find(available.begin(), available.end(), GetParam()) ==
        available.end()) {
      GTEST_SKIP() << "this processor has no such instructions";
    }
    UseIsa(GetParam());
  }
  void TearDown() override { UseIsa(AvailableIsas().back()); }
};

#define ANISOGRAD_FOR_EACH_ISA(Suite)                              \
  INSTANTIATE_TEST_SUITE_P(                                        \
      Isas, Suite, testing::Values(Isa::kAvx2, Isa::kAvx512),      \
      [](const testing::TestParamInfo<Isa>& info) {                \
        return info.param == Isa::kAvx2 ? "Avx2" : "Avx512";       \
      })

}  // namespace anisograd

#endif  // TOOLS_BASE_ISA_TESTING_H_
