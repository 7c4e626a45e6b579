#ifndef TOOLS_BENCH_CUDA_PRODUCT_RATE_H_
#define TOOLS_BENCH_CUDA_PRODUCT_RATE_H_

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "experiments/gpt2/net/cuda/matrix_product.h"

namespace anisograd {
namespace cuda {

// How a benchmark's products are formed, sums in single precision throughout:
// of factors in bf16, of single precision factors rounded to TF32, or exactly.
enum class Arithmetic { kBf16, kTf32, kFloat32 };

// "bf16", "tf32", "fp32".
const char* ArithmeticName(Arithmetic arithmetic);

// For a MatrixMultiplier or a model; with kBf16 it does not matter.
SinglePrecision SinglePrecisionOf(Arithmetic arithmetic);

// FLOP per second of a product of 8,192 x 8,192 matrices
// (YardstickSeconds): what products can hope for on this device today. Measured at the first call.
absl::StatusOr<double> ProductRate(Arithmetic arithmetic);

// The peak that the vendor names for dense products on this device, FLOP per
// second (gpu_peaks.h); none where the device is not known there.
absl::StatusOr<absl::optional<double>> NominalProductRate(
    Arithmetic arithmetic);

}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_BENCH_CUDA_PRODUCT_RATE_H_
