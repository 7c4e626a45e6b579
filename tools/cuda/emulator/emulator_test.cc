#include "tools/cuda/emulator/emulator.h"

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <cmath>
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

// One element before the other, so that the second is a guard's.
struct Four {
  float x[4];
};
__global__ void StaticKernel(float* out, int i) {
  ANISOGRAD_SHARED(Four, four);
  // Nobody has written it.
  out[blockIdx.x] = four.x[0];
  four.x[i] = 1.0f;
}

struct FortyKilobytes {
  char bytes[40 << 10];
};
__global__ void LargeKernel(float* out) {
  ANISOGRAD_SHARED(FortyKilobytes, large);
  large.bytes[0] = 1;
  out[0] = large.bytes[0];
}

TEST(Emulator, StaticSharedMemoryIsFreshInEveryBlock) {
  Array out(3);
  ASSERT_EQ(absl::OkStatus(), Launch("Static", StaticKernel, dim3(3), dim3(1),
                                     nullptr, out.data(), 0));
  for (const float x : out.Get()) EXPECT_TRUE(std::isnan(x));
}

// As on a device: refused by the launch, unless it was asked for.
TEST(Emulator, MoreThan48KiBMustBeAskedFor) {
  Array out(1);
  const auto launch = [&](size_t bytes) {
    emulator::Launch(reinterpret_cast<const void*>(LastWriterKernel), dim3(1),
                     dim3(1), bytes, nullptr,
                     [p = out.data()] { LastWriterKernel(p); });
    return cudaGetLastError();
  };
  EXPECT_EQ(launch(48 << 10), cudaSuccess);
  EXPECT_EQ(launch((48 << 10) + 1), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFuncSetAttribute(LastWriterKernel,
                                 cudaFuncAttributeMaxDynamicSharedMemorySize,
                                 64 << 10),
            cudaSuccess);
  EXPECT_EQ(launch(64 << 10), cudaSuccess);
  EXPECT_EQ(launch((64 << 10) + 1), cudaErrorInvalidValue);
  EXPECT_FALSE(LaunchShared("Most", LastWriterKernel, dim3(1), dim3(1),
                            164 << 10, nullptr, out.data())
                   .ok());
}

class Streams : public testing::Test {
 protected:
  Streams() {
    EXPECT_EQ(cudaSuccess,
              cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
    EXPECT_EQ(cudaSuccess, cudaMallocHost(&pinned_, sizeof(float)));
  }
  ~Streams() override {
    cudaStreamDestroy(stream_);
    cudaFreeHost(pinned_);
  }
  void Set(float value, cudaStream_t stream) {
    EXPECT_EQ(absl::OkStatus(), Launch("Set", SetKernel, dim3(1), dim3(1),
                                       stream, array_.data(), value));
  }
  void CopyBack(cudaStream_t stream) {
    EXPECT_EQ(cudaSuccess,
              cudaMemcpyAsync(pinned_, array_.data(), sizeof(float),
                              cudaMemcpyDeviceToHost, stream));
  }
  static void SetKernel(float* out, float value) { *out = value; }

  Array array_{1};
  cudaStream_t stream_ = nullptr;
  float* pinned_ = nullptr;
};

TEST_F(Streams, DoNothingBeforeSomebodyWaits) {
  Set(1.0f, stream_);
  CopyBack(stream_);
  EXPECT_TRUE(std::isnan(*pinned_));
  EXPECT_EQ(cudaSuccess, cudaStreamSynchronize(nullptr));
  EXPECT_TRUE(std::isnan(*pinned_));
  EXPECT_EQ(cudaSuccess, cudaStreamSynchronize(stream_));
  EXPECT_EQ(*pinned_, 1.0f);
}

TEST_F(Streams, AnEventIsReachedBeforeWhatFollowsIt) {
  cudaEvent_t event = nullptr, later = nullptr;
  ASSERT_EQ(cudaSuccess, cudaEventCreate(&event));
  ASSERT_EQ(cudaSuccess, cudaEventCreate(&later));
  EXPECT_EQ(cudaSuccess, cudaEventSynchronize(event));
  Set(1.0f, stream_);
  CopyBack(stream_);
  cudaEventRecord(event, stream_);
  Set(2.0f, stream_);
  cudaEventRecord(later, stream_);
  EXPECT_EQ(cudaSuccess, cudaEventSynchronize(event));
  EXPECT_EQ(*pinned_, 1.0f);
  float milliseconds = 0.0f;
  EXPECT_EQ(cudaErrorNotReady,
            cudaEventElapsedTime(&milliseconds, event, later));
  EXPECT_EQ(cudaErrorNotReady, cudaGetLastError());
  EXPECT_EQ(cudaSuccess, cudaEventSynchronize(later));
  EXPECT_EQ(cudaSuccess, cudaEventElapsedTime(&milliseconds, event, later));
  cudaEventDestroy(event);
  cudaEventDestroy(later);
}

// What the default stream copies is not there for others.
TEST_F(Streams, ACopyFromPageableMemoryIsStillOnItsWay) {
  Set(1.0f, stream_);
  cudaStreamSynchronize(stream_);
  float value = 2.0f;
  EXPECT_EQ(cudaSuccess, cudaMemcpy(array_.data(), &value, sizeof(value),
                                    cudaMemcpyHostToDevice));
  value = 3.0f;
  CopyBack(stream_);
  cudaStreamSynchronize(stream_);
  EXPECT_EQ(*pinned_, 1.0f);
  EXPECT_EQ(array_.Get()[0], 2.0f);
}

TEST_F(Streams, ACopyFromPinnedMemoryReadsItLate) {
  *pinned_ = 1.0f;
  EXPECT_EQ(cudaSuccess,
            cudaMemcpyAsync(array_.data(), pinned_, sizeof(float),
                            cudaMemcpyHostToDevice, stream_));
  *pinned_ = 2.0f;
  cudaStreamSynchronize(stream_);
  EXPECT_EQ(array_.Get()[0], 2.0f);
}

// Nothing orders two streams but who waits for them.
TEST_F(Streams, DoNotWaitForEachOther) {
  int first = 0;
  for (int i = 0; i < 16; ++i) {
    Set(1.0f, stream_);
    Set(2.0f, nullptr);
    cudaDeviceSynchronize();
    first += array_.Get()[0] == 1.0f;
  }
  EXPECT_GT(first, 0);
  EXPECT_LT(first, 16);
}

// Launches and waits.
template <typename... Arguments>
void LaunchAndWait(const Arguments&... arguments) {
  LaunchShared(arguments...).IgnoreError();
  cudaDeviceSynchronize();
}

TEST(EmulatorDeathTest, IsStrict) {
  EXPECT_DEATH(LaunchAndWait("HalfBarrier", HalfBarrierKernel, dim3(1), dim3(32), 0,
                   nullptr),
               "barriers that the others do not reach");
  Array out(100);
  EXPECT_DEATH(LaunchAndWait("Beyond", BeyondKernel, dim3(1), dim3(1), 0, nullptr,
                   out.data(), 100),
               "");
  EXPECT_DEATH(out.data()[0] = 1.0f, "");
  // One float too many for the block's shared memory.
  EXPECT_DEATH(LaunchAndWait("Mirror", MirrorKernel, dim3(1), dim3(100), 396, nullptr,
                   out.data()),
               "behind the shared memory");
  EXPECT_DEATH(LaunchAndWait("Static", StaticKernel, dim3(1), dim3(1), 0, nullptr,
                   out.data(), 4),
               "behind the shared memory");
  // 40 KiB of it are static.
  EXPECT_DEATH(LaunchAndWait("Large", LargeKernel, dim3(1), dim3(1), 9 << 10, nullptr,
                   out.data()),
               "too much shared memory");
  EXPECT_DEATH(LaunchAndWait("Unaligned", UnalignedCopyKernel, dim3(1), dim3(1), 32,
                   nullptr, out.data()),
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
