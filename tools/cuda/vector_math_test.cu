#include "tools/base/vector_math.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/launch.cuh"

namespace anisograd {
namespace cuda {
namespace {

// y[i] = exp(x[i]) and z[i] = log(1 + y[i]), as a sample's loss has them.
__global__ void ExpAndLogKernel(const double* x, int64_t n, double* y,
                                double* z) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i >= n) return;
  y[i] = ExpNonPositive(x[i]);
  z[i] = Log(1.0 + y[i]);
}

// The device's exponential and logarithm are the CPU's to the bit, so that runs
// on the two differ by the order of their sums alone.
TEST(VectorMathTest, SameBitsOnTheDevice) {
  std::vector<double> x;
  for (int i = 0; i <= 5000; ++i) x.push_back(-0.15 * i);
  for (int i = 0; i <= 5000; ++i) x.push_back(-std::ldexp(1.0, -i % 60) * 0.7);
  x.push_back(-std::numeric_limits<double>::infinity());
  const int64_t n = static_cast<int64_t>(x.size());
  ASSERT_OK_AND_ASSIGN(DeviceBuffer<double> in,
                       DeviceBuffer<double>::Create(n));
  ASSERT_OK_AND_ASSIGN(DeviceBuffer<double> exp_out,
                       DeviceBuffer<double>::Create(n));
  ASSERT_OK_AND_ASSIGN(DeviceBuffer<double> log_out,
                       DeviceBuffer<double>::Create(n));
  const size_t bytes = x.size() * sizeof(double);
  ASSERT_EQ(cudaMemcpy(in.data(), x.data(), bytes, cudaMemcpyHostToDevice),
            cudaSuccess);
  ASSERT_OK(Launch("ExpAndLogKernel", ExpAndLogKernel,
                   dim3(static_cast<unsigned>(CeilDiv(n, 128))), dim3(128),
                   nullptr, in.data(), n, exp_out.data(), log_out.data()));
  std::vector<double> y(x.size()), z(x.size());
  ASSERT_EQ(cudaMemcpy(y.data(), exp_out.data(), bytes, cudaMemcpyDeviceToHost),
            cudaSuccess);
  ASSERT_EQ(cudaMemcpy(z.data(), log_out.data(), bytes, cudaMemcpyDeviceToHost),
            cudaSuccess);
  for (size_t i = 0; i < x.size(); ++i) {
    const double e = ExpNonPositive(x[i]);
    const double l = Log(1.0 + e);
    ASSERT_EQ(std::memcmp(&y[i], &e, sizeof(e)), 0) << "exp of " << x[i];
    ASSERT_EQ(std::memcmp(&z[i], &l, sizeof(l)), 0) << "log at " << x[i];
  }
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
