#include "tools/base/isa.h"

#include <atomic>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"

namespace anisograd {
namespace {

// What the environment asks for; "" where it asks for nothing.
std::string Asked() {
  const char* const asked = std::getenv("ANISOGRAD_ISA");
  return asked == nullptr ? "" : asked;
}

Isa Best() {
  return Asked() == "avx2" ? Isa::kAvx2 : AvailableIsas().back();
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

absl::Status CheckAskedIsa() {
  const std::string asked = Asked();
  if (asked.empty() || asked == "avx2") return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "ANISOGRAD_ISA: must be avx2 or unset, is \"", asked, "\""));
}

Isa CurrentIsa() { return Current().load(std::memory_order_relaxed); }

void UseIsa(Isa isa) { Current() = isa; }

}  // namespace anisograd
