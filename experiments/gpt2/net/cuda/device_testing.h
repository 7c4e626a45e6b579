#ifndef EXPERIMENTS_GPT2_NET_CUDA_DEVICE_TESTING_H_
#define EXPERIMENTS_GPT2_NET_CUDA_DEVICE_TESTING_H_

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/status.h"

namespace anisograd {
namespace cuda {

// What tests of kernels share. Kernels in single precision and in bf16 are
// compared with the CPU's layers in double on the very same inputs: numbers are
// rounded to A before either sees them, so that the rounding of the output
// alone tells bf16 from float.

inline float Rounded(double x, float /*type*/) { return static_cast<float>(x); }
inline __nv_bfloat16 Rounded(double x, __nv_bfloat16 /*type*/) {
  return __float2bfloat16_rn(static_cast<float>(x));
}
inline double Wide(float x) { return x; }
inline double Wide(__nv_bfloat16 x) { return __bfloat162float(x); }

// The largest relative error of rounding to nearest: half a unit in the last of
// 24 and 8 binary places.
inline double RoundingError(float /*type*/) { return std::ldexp(1.0, -24); }
inline double RoundingError(__nv_bfloat16 /*type*/) {
  return std::ldexp(1.0, -8);
}

// Uniform in [-size, size), a function of (seed, n).
template <typename A>
std::vector<A> RandomNumbers(int64_t n, uint64_t seed, double size = 1.0) {
  RandomStream stream(seed, RandomPurpose::kTest);
  std::vector<A> numbers(static_cast<size_t>(n));
  for (A& x : numbers) x = Rounded(stream.NextUniform(-size, size), A());
  return numbers;
}

template <typename A>
std::vector<double> Widened(const std::vector<A>& numbers) {
  std::vector<double> wide;
  wide.reserve(numbers.size());
  for (const A& x : numbers) wide.push_back(Wide(x));
  return wide;
}

template <typename T>
DeviceBuffer<T> NewOnDevice(int64_t n) {
  absl::StatusOr<DeviceBuffer<T>> buffer = DeviceBuffer<T>::Create(n);
  DieUnlessOk(buffer.status());
  return std::move(buffer).value();
}

template <typename T>
DeviceBuffer<T> OnDevice(const std::vector<T>& values) {
  DeviceBuffer<T> buffer = NewOnDevice<T>(static_cast<int64_t>(values.size()));
  DieUnlessOk(CudaStatus(cudaMemcpy(buffer.data(), values.data(),
                                    values.size() * sizeof(T),
                                    cudaMemcpyHostToDevice),
                         "OnDevice"));
  return buffer;
}

// Waits for the kernels before it.
template <typename T>
std::vector<T> OnHost(const DeviceBuffer<T>& buffer) {
  std::vector<T> values(static_cast<size_t>(buffer.size()));
  DieUnlessOk(CudaStatus(cudaMemcpy(values.data(), buffer.data(),
                                    values.size() * sizeof(T),
                                    cudaMemcpyDeviceToHost),
                         "OnHost"));
  return values;
}

template <typename T>
bool SameBits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

// |actual - expected| <= tolerance max(1, |expected|) + what rounding to A
// does. The tolerance is for the arithmetic in single precision. A failure shows
// the worst element, which tells a tolerance that is too narrow from a fault.
template <typename A>
void ExpectNear(const std::string& what, const std::vector<A>& actual,
                const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  double worst = 0.0;
  size_t at = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    const double size = std::fabs(expected[i]);
    const double off =
        std::fabs(Wide(actual[i]) - expected[i]) /
        (tolerance * std::fmax(1.0, size) + RoundingError(A()) * size);
    // Not a number is the worst.
    if (!(off <= worst)) {
      worst = off;
      at = i;
      if (std::isnan(off)) break;
    }
  }
  EXPECT_LE(worst, 1.0) << what << ": times the tolerance, at " << at << ": "
                        << Wide(actual[at]) << " instead of " << expected[at];
}

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_DEVICE_TESTING_H_
