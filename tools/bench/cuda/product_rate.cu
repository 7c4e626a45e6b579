#include "tools/bench/cuda/product_rate.h"

#include <cuda_bf16.h>

#include <map>

#include "tools/base/status_macros.h"
#include "tools/bench/cuda/device_benchmark.h"
#include "tools/bench/cuda/device_inputs.h"
#include "tools/bench/cuda/gpu_peaks.h"
#include "tools/cuda/launch.cuh"
#include "tools/cuda/status.h"

namespace anisograd {
namespace cuda {
namespace {

constexpr int64_t kSize = kEmulated ? 32 : 8192;

template <typename A>
absl::StatusOr<double> MeasureProduct(SinglePrecision precision) {
  ASSIGN_OR_RETURN(auto multiplier, MatrixMultiplier::Create(precision));
  ASSIGN_OR_RETURN(auto a, RandomOnDevice<A>(kSize * kSize));
  ASSIGN_OR_RETURN(auto b, RandomOnDevice<A>(kSize * kSize));
  ASSIGN_OR_RETURN(auto c, DeviceBuffer<A>::Create(kSize * kSize));
  const auto square = [](DeviceBuffer<A>& m) {
    return MatrixView<A>(m.data(), kSize, kSize);
  };
  ASSIGN_OR_RETURN(
      const double seconds, YardstickSeconds([&](cudaStream_t stream) {
        return multiplier.Multiply<A, A>(stream, Op::kAsIs, square(a),
                                         Op::kAsIs, square(b), Into::kOverwrite,
                                         {}, square(c));
      }));
  return 2.0 * kSize * kSize * kSize / seconds;
}

}  // namespace

const char* ArithmeticName(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::kBf16:
      return "bf16";
    case Arithmetic::kTf32:
      return "tf32";
    case Arithmetic::kFloat32:
      break;
  }
  return "fp32";
}

SinglePrecision SinglePrecisionOf(Arithmetic arithmetic) {
  return arithmetic == Arithmetic::kTf32 ? SinglePrecision::kTf32
                                         : SinglePrecision::kFloat32;
}

absl::StatusOr<double> ProductRate(Arithmetic arithmetic) {
  static auto* const rates = new std::map<Arithmetic, absl::StatusOr<double>>;
  const auto found = rates->find(arithmetic);
  if (found != rates->end()) return found->second;
  const absl::StatusOr<double> rate =
      arithmetic == Arithmetic::kBf16
          ? MeasureProduct<__nv_bfloat16>(SinglePrecision::kFloat32)
          : MeasureProduct<float>(SinglePrecisionOf(arithmetic));
  rates->emplace(arithmetic, rate);
  return rate;
}

absl::StatusOr<absl::optional<double>> NominalProductRate(
    Arithmetic arithmetic) {
  int device = 0;
  RETURN_IF_CUDA_ERROR(cudaGetDevice(&device));
  cudaDeviceProp properties;
  RETURN_IF_CUDA_ERROR(cudaGetDeviceProperties(&properties, device));
  const absl::optional<GpuPeaks> peaks = PeaksOf(properties.name);
  if (!peaks.has_value()) return absl::optional<double>();
  switch (arithmetic) {
    case Arithmetic::kBf16:
      return absl::optional<double>(peaks->bf16);
    case Arithmetic::kTf32:
      return absl::optional<double>(peaks->tf32);
    case Arithmetic::kFloat32:
      break;
  }
  return absl::optional<double>(peaks->fp32);
}

}  // namespace cuda
}  // namespace anisograd
