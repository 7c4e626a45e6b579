#include "tools/bench/cuda/device_benchmark.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "tools/base/status_macros.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/event.h"
#include "tools/cuda/launch.cuh"

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

// Times work between two events.
class EventTimer {
 public:
  static absl::StatusOr<EventTimer> Create() {
    ASSIGN_OR_RETURN(Event start, Event::Create());
    ASSIGN_OR_RETURN(Event end, Event::Create());
    return EventTimer(std::move(start), std::move(end));
  }
  // Of one of `times` runs of `work`.
  absl::StatusOr<double> Seconds(int times, const DeviceWork& work) {
    RETURN_IF_ERROR(start_.Record(nullptr));
    for (int i = 0; i < times; ++i) RETURN_IF_ERROR(work(nullptr));
    RETURN_IF_ERROR(end_.Record(nullptr));
    RETURN_IF_ERROR(end_.Wait());
    ASSIGN_OR_RETURN(const double seconds, end_.SecondsSince(start_));
    return seconds / times;
  }

 private:
  EventTimer(Event start, Event end)
      : start_(std::move(start)), end_(std::move(end)) {}

  Event start_, end_;
};

absl::StatusOr<double> MeasureCopy() {
  constexpr int64_t kBytes = kEmulated ? int64_t{1} << 16 : int64_t{1} << 30;
  constexpr int64_t kSize = kBytes / int64_t{sizeof(uint4)};
  constexpr int64_t kBlocks = kSize / (kThreads * kPerThread);
  ASSIGN_OR_RETURN(auto from, DeviceBuffer<uint4>::Create(kSize));
  ASSIGN_OR_RETURN(auto to, DeviceBuffer<uint4>::Create(kSize));
  ASSIGN_OR_RETURN(
      const double seconds, YardstickSeconds([&](cudaStream_t stream) {
        return Launch("Copy", CopyKernel, dim3(static_cast<unsigned>(kBlocks)),
                      dim3(kThreads), stream, from.data(), to.data());
      }));
  return 2.0 * kBytes / seconds;
}

// A timing of less is not trusted.
constexpr double kLeastSeconds = kEmulated ? 0.0 : 1e-3;
constexpr int kMostTimes = 200;
// A device that was idle takes its time to reach its clocks.
constexpr double kBenchmarkSeconds = kEmulated ? 0.0 : 0.05;
constexpr double kYardstickSeconds = kEmulated ? 0.0 : 0.3;

// Seconds that one run of `work` takes on the device: the median of timings over
// at least `least` seconds, after as many untimed.
absl::StatusOr<double> MedianSeconds(double least, const DeviceWork& work) {
  using Clock = std::chrono::steady_clock;
  ASSIGN_OR_RETURN(EventTimer timer, EventTimer::Create());
  RETURN_IF_ERROR(timer.Seconds(1, work).status());
  ASSIGN_OR_RETURN(const double once, timer.Seconds(1, work));
  const int times =
      std::max(1, static_cast<int>(std::min<double>(
                      kMostTimes, std::ceil(kLeastSeconds / once))));
  std::vector<double> timings;
  const Clock::time_point start = Clock::now();
  double passed = 0.0;
  do {
    ASSIGN_OR_RETURN(const double seconds, timer.Seconds(times, work));
    if (passed >= least) timings.push_back(seconds);
    passed = std::chrono::duration<double>(Clock::now() - start).count();
  } while (timings.empty() || passed < 2.0 * least);
  const auto median = timings.begin() + timings.size() / 2;
  std::nth_element(timings.begin(), median, timings.end());
  return *median;
}

// The benchmark's one iteration; returns its time.
absl::StatusOr<double> Iterate(benchmark::State& state,
                               const DeviceWork& work) {
  ASSIGN_OR_RETURN(const double seconds,
                   MedianSeconds(kBenchmarkSeconds, work));
  for (auto _ : state) state.SetIterationTime(seconds);
  return seconds;
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

void TimedOnDevice(benchmark::internal::Benchmark* benchmark) {
  benchmark->UseManualTime()->Iterations(1)->Unit(benchmark::kMicrosecond);
}

absl::StatusOr<double> YardstickSeconds(const DeviceWork& work) {
  return MedianSeconds(kYardstickSeconds, work);
}

absl::StatusOr<double> CopyBandwidth() {
  static const auto* const measured = new absl::StatusOr<double>(MeasureCopy());
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
