#include "tools/bench/cuda/gpu_peaks.h"

#include "absl/strings/match.h"

namespace anisograd {

absl::optional<GpuPeaks> PeaksOf(absl::string_view device_name) {
  // The first whose text the name contains counts.
  static constexpr struct {
    absl::string_view text;
    GpuPeaks peaks;
  } kPeaks[] = {
      {"H100 PCIe", {756e12, 378e12, 51e12}},
      {"H100 NVL", {835e12, 417e12, 60e12}},
      {"H200 NVL", {835e12, 417e12, 60e12}},
      {"H100", {989e12, 494e12, 67e12}},
      {"H200", {989e12, 494e12, 67e12}},
      {"A100", {312e12, 156e12, 19.5e12}},
  };
  for (const auto& entry : kPeaks) {
    if (absl::StrContains(device_name, entry.text)) return entry.peaks;
  }
  return absl::nullopt;
}

}  // namespace anisograd
