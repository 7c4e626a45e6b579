#include "tools/base/isa.h"

#include <atomic>
#include <cstdlib>
#include <cstring>

namespace anisograd {
namespace {

Isa Best() {
  const char* const asked = std::getenv("ANISOGRAD_ISA");
  if (asked != nullptr && std::strcmp(asked, "avx2") == 0) return Isa::kAvx2;
  return AvailableIsas().back();
}

std::atomic<Isa>& Current() {
  static std::atomic<Isa> isa{Best()};
  return isa;
}

}  // namespace

std::vector<Isa> AvailableIsas() {
  // What Highway takes for granted where it compiles for AVX3.
  static const bool avx512 =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
      __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (avx512) return {Isa::kAvx2, Isa::kAvx512};
  return {Isa::kAvx2};
}

Isa CurrentIsa() { return Current().load(std::memory_order_relaxed); }

void UseIsa(Isa isa) { Current() = isa; }

}  // namespace anisograd
