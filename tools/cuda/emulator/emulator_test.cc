#include "tools/cuda/emulator/emulator.h"

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <vector>

#include "gtest/gtest.h"
#include "tools/cuda/launch.cuh"
#include "tools/cuda/tensor_core.cuh"

namespace anisograd {
namespace cuda {
namespace {

// A device array for one test.
class Array {
 public:
  explicit Array(size_t size) : size_(size) {
    EXPECT_EQ(cudaSuccess, cudaMalloc(&data_, size * sizeof(float)));
  }
  ~Array() { cudaFree(data_); }
  float* data() { return data_; }
  std::vector<float> Get() {
    std::vector<float> values(size_);
    cudaMemcpy(values.data(), data_, size_ * sizeof(float),
               cudaMemcpyDeviceToHost);
    return values;
  }

 private:
  float* data_ = nullptr;
  size_t size_;
};

// out[b * n + t] = t', where t' is the thread's mirror image in its block of n.
__global__ void MirrorKernel(float* out) {
  float* const shared = reinterpret_cast<float*>(DynamicShared());
  const unsigned n = blockDim.x;
  shared[threadIdx.x] = static_cast<float>(threadIdx.x);
  __syncthreads();
  out[blockIdx.x * n + threadIdx.x] = shared[n - 1 - threadIdx.x];
}

TEST(Emulator, BarrierMakesSharedMemoryVisible) {
  Array out(3 * 100);
  EXPECT_EQ(absl::OkStatus(),
            LaunchShared("Mirror", MirrorKernel, dim3(3), dim3(100), 400,
                         nullptr, out.data()));
  const std::vector<float> values = out.Get();
  for (int i = 0; i < 300; ++i) EXPECT_EQ(99 - i % 100, values[i]);
}

__global__ void WarpKernel(float* out) {
  const int lane = static_cast<int>(threadIdx.x) % kWarpSize;
  const float x = static_cast<float>(threadIdx.x);
  out[threadIdx.x] = WarpSum(x);
  out[64 + threadIdx.x] = __shfl_sync(kAllLanes, x, lane / 2);
}

TEST(Emulator, WarpsExchange) {
  Array out(128);
  EXPECT_EQ(absl::OkStatus(), Launch("Warp", WarpKernel, dim3(1), dim3(64),
                                     nullptr, out.data()));
  const std::vector<float> values = out.Get();
  for (int t = 0; t < 64; ++t) {
    const int first = t / 32 * 32;
    EXPECT_EQ(32 * first + 31 * 16, values[t]);
    EXPECT_EQ(first + t % 32 / 2, values[64 + t]);
  }
}

__global__ void LastWriterKernel(float* out) {
  out[0] = static_cast<float>(threadIdx.x);
}

// A race does not give the same result every time.
TEST(Emulator, ShufflesThreads) {
  Array out(1);
  std::vector<float> seen;
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(absl::OkStatus(), Launch("LastWriter", LastWriterKernel, dim3(1),
                                       dim3(256), nullptr, out.data()));
    seen.push_back(out.Get()[0]);
  }
  EXPECT_NE(std::vector<float>(8, seen[0]), seen);
}

__global__ void HalfBarrierKernel() {
  if (threadIdx.x < 16) {
    __syncthreads();
  } else {
    __syncwarp(0xffff0001u);
  }
}

__global__ void UnalignedCopyKernel(const float* from) {
  CopyAsync16(DynamicShared() + 8, from, true);
}

__global__ void BeyondKernel(float* out, int i) { out[i] = 1.0f; }

TEST(EmulatorDeathTest, IsStrict) {
  EXPECT_DEATH(Launch("HalfBarrier", HalfBarrierKernel, dim3(1), dim3(32),
                      nullptr)
                   .IgnoreError(),
               "barriers that the others do not reach");
  Array out(100);
  EXPECT_DEATH(Launch("Beyond", BeyondKernel, dim3(1), dim3(1), nullptr,
                      out.data(), 100)
                   .IgnoreError(),
               "");
  EXPECT_DEATH(out.data()[0] = 1.0f, "");
  // One float too many for the block's shared memory.
  EXPECT_DEATH(LaunchShared("Mirror", MirrorKernel, dim3(1), dim3(100), 396,
                            nullptr, out.data())
                   .IgnoreError(),
               "behind the dynamic shared memory");
  EXPECT_DEATH(LaunchShared("Unaligned", UnalignedCopyKernel, dim3(1), dim3(1),
                            32, nullptr, out.data())
                   .IgnoreError(),
               "no multiple of 16");
}

TEST(Emulator, KeepsTheLastErrorUntilAskedForIt) {
  void* data = nullptr;
  EXPECT_EQ(cudaErrorMemoryAllocation, cudaMalloc(&data, size_t{1} << 45));
  EXPECT_EQ(cudaErrorMemoryAllocation, cudaGetLastError());
  EXPECT_EQ(cudaSuccess, cudaGetLastError());
}

TEST(Emulator, Bf16RoundsToNearestEven) {
  EXPECT_EQ(0x3f80, __float2bfloat16_rn(1.0f).bits);
  EXPECT_EQ(0x3f80, __float2bfloat16_rn(1.00390625f).bits);   // a tie, down
  EXPECT_EQ(0x3f82, __float2bfloat16_rn(1.01171875f).bits);   // a tie, up
  EXPECT_EQ(0x3f81, __float2bfloat16_rn(1.004f).bits);
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
