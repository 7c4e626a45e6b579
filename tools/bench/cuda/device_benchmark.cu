#include "tools/bench/cuda/device_benchmark.h"

#include <algorithm>
#include <string>

#include "tools/base/status_macros.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/launch.cuh"
#include "tools/cuda/status.h"

namespace anisograd {
namespace cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kPerThread = 4;

// n is a multiple of kThreads * kPerThread, one block's share.
__global__ void __launch_bounds__(kThreads)
    CopyKernel(const uint4* from, uint4* to) {
  const int64_t first =
      int64_t{blockIdx.x} * kThreads * kPerThread + threadIdx.x;
  uint4 loaded[kPerThread];
#pragma unroll
  for (int i = 0; i < kPerThread; ++i) loaded[i] = from[first + i * kThreads];
#pragma unroll
  for (int i = 0; i < kPerThread; ++i) to[first + i * kThreads] = loaded[i];
}

class EventTimer {
 public:
  EventTimer() = default;
  EventTimer(const EventTimer&) = delete;
  EventTimer& operator=(const EventTimer&) = delete;
  ~EventTimer() {
    if (start_ != nullptr) cudaEventDestroy(start_);
    if (end_ != nullptr) cudaEventDestroy(end_);
  }
  absl::Status Init() {
    RETURN_IF_CUDA_ERROR(cudaEventCreate(&start_));
    RETURN_IF_CUDA_ERROR(cudaEventCreate(&end_));
    return absl::OkStatus();
  }
  absl::StatusOr<double> Seconds(
      const std::function<absl::Status(cudaStream_t)>& work) {
    RETURN_IF_CUDA_ERROR(cudaEventRecord(start_, nullptr));
    RETURN_IF_ERROR(work(nullptr));
    RETURN_IF_CUDA_ERROR(cudaEventRecord(end_, nullptr));
    RETURN_IF_CUDA_ERROR(cudaEventSynchronize(end_));
    float milliseconds = 0.0f;
    RETURN_IF_CUDA_ERROR(cudaEventElapsedTime(&milliseconds, start_, end_));
    return 1e-3 * milliseconds;
  }

 private:
  cudaEvent_t start_ = nullptr, end_ = nullptr;
};

absl::StatusOr<double> MeasureCopy() {
  constexpr int64_t kBytes = kEmulated ? int64_t{1} << 16 : int64_t{1} << 30;
  constexpr int64_t kSize = kBytes / int64_t{sizeof(uint4)};
  constexpr int64_t kBlocks = kSize / (kThreads * kPerThread);
  ASSIGN_OR_RETURN(auto from, DeviceBuffer<uint4>::Create(kSize));
  ASSIGN_OR_RETURN(auto to, DeviceBuffer<uint4>::Create(kSize));
  EventTimer timer;
  RETURN_IF_ERROR(timer.Init());
  double best = 0.0;
  for (int i = 0; i < 10; ++i) {
    ASSIGN_OR_RETURN(const double seconds,
                     timer.Seconds([&](cudaStream_t stream) {
                       return Launch("Copy", CopyKernel,
                                     dim3(static_cast<unsigned>(kBlocks)),
                                     dim3(kThreads), stream, from.data(),
                                     to.data());
                     }));
    best = std::max(best, 2.0 * kBytes / seconds);
  }
  return best;
}

absl::Status Measure(benchmark::State& state, int64_t bytes,
                     const std::function<absl::Status(cudaStream_t)>& work) {
  ASSIGN_OR_RETURN(const double copy, CopyBandwidth());
  EventTimer timer;
  RETURN_IF_ERROR(timer.Init());
  RETURN_IF_ERROR(timer.Seconds(work).status());
  for (auto _ : state) {
    ASSIGN_OR_RETURN(const double seconds, timer.Seconds(work));
    state.SetIterationTime(seconds);
  }
  const double moved = static_cast<double>(bytes);
  using benchmark::Counter;
  state.counters["bytes"] = Counter(moved);
  state.counters["bandwidth"] =
      Counter(moved, Counter::kIsIterationInvariantRate);
  state.counters["share_of_copy"] =
      Counter(moved / copy, Counter::kIsIterationInvariantRate);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<double> CopyBandwidth() {
  static const auto* const measured =
      new absl::StatusOr<double>(MeasureCopy());
  return *measured;
}

void MeasureOnDevice(benchmark::State& state, int64_t bytes,
                     const std::function<absl::Status(cudaStream_t)>& work) {
  const absl::Status status = Measure(state, bytes, work);
  if (!status.ok()) state.SkipWithError(std::string(status.message()).c_str());
}

}  // namespace cuda
}  // namespace anisograd
