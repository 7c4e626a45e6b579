#include "tools/cuda/device_buffer.h"

#include <cuda_runtime.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/launch.cuh"

namespace anisograd {
namespace cuda {
namespace {

std::vector<int32_t> Read(const DeviceBuffer<int32_t>& buffer) {
  std::vector<int32_t> values(static_cast<size_t>(buffer.size()), -1);
  EXPECT_EQ(cudaSuccess,
            cudaMemcpy(values.data(), buffer.data(),
                       values.size() * sizeof(int32_t),
                       cudaMemcpyDeviceToHost));
  return values;
}

__global__ void CountKernel(int32_t* out) {
  out[threadIdx.x] = static_cast<int32_t>(threadIdx.x);
}

TEST(DeviceBuffer, IsZeroAndKeepsWhatStandsInIt) {
  ASSERT_OK_AND_ASSIGN(auto buffer, DeviceBuffer<int32_t>::Create(3));
  EXPECT_EQ(0, reinterpret_cast<uintptr_t>(buffer.data()) % 16);
  EXPECT_EQ(std::vector<int32_t>(3, 0), Read(buffer));
  ASSERT_OK(Launch("Count", CountKernel, dim3(1), dim3(3), nullptr,
                   buffer.data()));
  ASSERT_OK(buffer.Reserve(2));
  const DeviceBuffer<int32_t> moved = std::move(buffer);
  EXPECT_EQ((std::vector<int32_t>{0, 1, 2}), Read(moved));
}

// At first as much as is wanted, so that the emulator's guard stands behind it.
TEST(DeviceBuffer, GrowsByMoreThanIsWanted) {
  DeviceBuffer<int32_t> buffer;
  for (const auto& [wanted, size] :
       {std::pair<int64_t, int64_t>{16, 16}, {8, 16}, {32, 36}, {36, 36}}) {
    ASSERT_OK(buffer.Reserve(wanted));
    EXPECT_EQ(size, buffer.size()) << wanted;
  }
  EXPECT_EQ(absl::StatusCode::kResourceExhausted,
            buffer.Reserve(int64_t{1} << 43).code());
  EXPECT_EQ(0, buffer.size());
}

// Memory that is not there is an error once, not also of the next launch.
TEST(DeviceBuffer, GoesOnWithoutTheMemory) {
  EXPECT_EQ(absl::StatusCode::kResourceExhausted,
            DeviceBuffer<int32_t>::Create(int64_t{1} << 43).status().code());
  DeviceBuffer<int32_t> buffer;
  ASSERT_OK(buffer.Reserve(4));
  EXPECT_OK(Launch("Count", CountKernel, dim3(1), dim3(4), nullptr,
                   buffer.data()));
  EXPECT_EQ((std::vector<int32_t>{0, 1, 2, 3}), Read(buffer));
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
