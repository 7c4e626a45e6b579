#ifndef TOOLS_BASE_ISA_H_
#define TOOLS_BASE_ISA_H_

#include <vector>

#include "absl/status/status.h"

namespace anisograd {

// The instruction sets that code is compiled for more than once, with Highway, so
// that wide vectors are used where the processor has them. Its results do not
// depend on which one runs: tests hold the bits to each other.
enum class Isa { kAvx2, kAvx512 };

// Those that the processor has, the best one last.
std::vector<Isa> AvailableIsas();

// The best one, unless a test or a benchmark asked for another, or the program
// was started with ANISOGRAD_ISA=avx2 in its environment.
Isa CurrentIsa();
// InvalidArgument where the environment's ANISOGRAD_ISA is something else.
absl::Status CheckAskedIsa();
// For all calls that begin afterwards; must be available.
void UseIsa(Isa isa);

}  // namespace anisograd

// The function of that name, possibly with template arguments, in the namespace
// that Highway made for the current instruction set.
#define ANISOGRAD_FOR_ISA(...)                                          \
  (::anisograd::CurrentIsa() == ::anisograd::Isa::kAvx512               \
       ? N_AVX3::__VA_ARGS__                                            \
       : N_AVX2::__VA_ARGS__)

#endif  // TOOLS_BASE_ISA_H_
