#include "tools/bench/cuda/device_benchmark.h"

#include <algorithm>
#include <cmath>
#include <limits>
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
  // Of one of `times` runs of `work`.
  absl::StatusOr<double> Seconds(int times, const DeviceWork& work) {
    RETURN_IF_CUDA_ERROR(cudaEventRecord(start_, nullptr));
    for (int i = 0; i < times; ++i) RETURN_IF_ERROR(work(nullptr));
    RETURN_IF_CUDA_ERROR(cudaEventRecord(end_, nullptr));
    RETURN_IF_CUDA_ERROR(cudaEventSynchronize(end_));
    float milliseconds = 0.0f;
    RETURN_IF_CUDA_ERROR(cudaEventElapsedTime(&milliseconds, start_, end_));
    return 1e-3 * milliseconds / times;
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
  ASSIGN_OR_RETURN(const double seconds, BestSeconds([&](cudaStream_t stream) {
                     return Launch("Copy", CopyKernel,
                                   dim3(static_cast<unsigned>(kBlocks)),
                                   dim3(kThreads), stream, from.data(),
                                   to.data());
                   }));
  return 2.0 * kBytes / seconds;
}

// A timing of less is not trusted.
constexpr double kLeastSeconds = kEmulated ? 0.0 : 1e-3;
constexpr int kMostTimes = 200;

// Runs `work` in every iteration. The mean time of one run, in seconds.
absl::StatusOr<double> Iterate(benchmark::State& state,
                               const DeviceWork& work) {
  EventTimer timer;
  RETURN_IF_ERROR(timer.Init());
  RETURN_IF_ERROR(timer.Seconds(1, work).status());
  ASSIGN_OR_RETURN(const double once, timer.Seconds(1, work));
  const int times = std::max(
      1, static_cast<int>(std::min<double>(
             kMostTimes, std::ceil(kLeastSeconds / once))));
  double sum = 0.0;
  for (auto _ : state) {
    ASSIGN_OR_RETURN(const double seconds, timer.Seconds(times, work));
    state.SetIterationTime(seconds);
    sum += seconds;
  }
  return sum / static_cast<double>(state.iterations());
}

absl::Status MeasureBytes(benchmark::State& state, double bytes,
                          const DeviceWork& work) {
  ASSIGN_OR_RETURN(const double copy, CopyBandwidth());
  ASSIGN_OR_RETURN(const double seconds, Iterate(state, work));
  state.counters["bytes"] = bytes;
  state.counters["bandwidth"] = bytes / seconds;
  state.counters["share_of_copy"] = bytes / seconds / copy;
  return absl::OkStatus();
}

absl::Status MeasureFlops(benchmark::State& state, double flops, double rate,
                          const DeviceWork& work) {
  ASSIGN_OR_RETURN(const double seconds, Iterate(state, work));
  state.counters["flops"] = flops;
  state.counters["flops_per_second"] = flops / seconds;
  state.counters["share_of_product"] = flops / seconds / rate;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<double> BestSeconds(const DeviceWork& work) {
  EventTimer timer;
  RETURN_IF_ERROR(timer.Init());
  RETURN_IF_ERROR(timer.Seconds(1, work).status());
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 10; ++i) {
    ASSIGN_OR_RETURN(const double seconds, timer.Seconds(1, work));
    best = std::min(best, seconds);
  }
  return best;
}

absl::StatusOr<double> CopyBandwidth() {
  static const auto* const measured =
      new absl::StatusOr<double>(MeasureCopy());
  return *measured;
}

void MeasureOnDevice(benchmark::State& state, int64_t bytes,
                     const DeviceWork& work) {
  SkipUnlessOk(state, MeasureBytes(state, static_cast<double>(bytes), work));
}

void MeasureFlopsOnDevice(benchmark::State& state, double flops, double rate,
                          const DeviceWork& work) {
  SkipUnlessOk(state, MeasureFlops(state, flops, rate, work));
}

void SkipUnlessOk(benchmark::State& state, const absl::Status& status) {
  if (!status.ok()) state.SkipWithError(std::string(status.message()).c_str());
}

}  // namespace cuda
}  // namespace anisograd
