#ifndef TOOLS_BENCH_CUDA_GPU_PEAKS_H_
#define TOOLS_BENCH_CUDA_GPU_PEAKS_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace anisograd {

// What NVIDIA's data sheets name for a GPU. FLOP per second, a multiply-add
// counted as two: of dense products in bf16 and TF32 with single precision sums
// on tensor cores (the sheets' figures for sparse factors, halved), and of
// single precision outside of them.
struct GpuPeaks {
  double bf16;
  double tf32;
  double fp32;
};

// By the name that CUDA has for the device: "NVIDIA H100 80GB HBM3" (SXM),
// "NVIDIA H100 PCIe", "NVIDIA H100 NVL", "NVIDIA H200", "NVIDIA A100-SXM4-80GB"
// and their like; none for others.
absl::optional<GpuPeaks> PeaksOf(absl::string_view device_name);

}  // namespace anisograd

#endif  // TOOLS_BENCH_CUDA_GPU_PEAKS_H_
