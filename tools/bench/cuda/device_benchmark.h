#ifndef TOOLS_BENCH_CUDA_DEVICE_BENCHMARK_H_
#define TOOLS_BENCH_CUDA_DEVICE_BENCHMARK_H_

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "benchmark/benchmark.h"

namespace anisograd {
namespace cuda {

// Benchmarks of work on the device, under Google Benchmark's manual time: the
// time between two CUDA events around the work, so neither the host's preparation
// nor its waiting counts. Work that takes less than a millisecond is started
// several times between the events and the time divided, so that what events and
// a first launch cost does not show; work that the host starts more slowly than
// the device does it shows the host's time.

// What such benchmarks are registered with (->Apply(TimedOnDevice)): one
// iteration, the median of timings over 0.05 s after as many untimed, whatever
// --benchmark_min_time says. Google Benchmark would look for a number of
// iterations by running all, the preparation too, several times, and count
// neither that nor what a timing divides its time by.
void TimedOnDevice(benchmark::internal::Benchmark* benchmark);

// Starts work on a stream. An error ends the measurement.
using DeviceWork = std::function<absl::Status(cudaStream_t)>;

// Seconds that `work` takes on the device: the median of timings over 0.3 s, after
// as many untimed. What others are held against is measured at the clocks that
// they run at, not at those of a device that was idle.
absl::StatusOr<double> YardstickSeconds(const DeviceWork& work);

// Bytes read and written in a second by a kernel that does nothing but copy
// memory to memory, 1 GiB (YardstickSeconds): what a kernel that moves bytes can
// hope for on this device today. Measured at the first call.
absl::StatusOr<double> CopyBandwidth();

// Times `work`. `bytes` is what it has to read and write at the least. Counters: bytes; bandwidth, bytes per second;
// share_of_copy, that bandwidth over CopyBandwidth(). Work that fits the
// level-2 cache can have a share above 1. An error, also that there is no
// device, skips the benchmark and is shown.
void MeasureOnDevice(benchmark::State& state, int64_t bytes,
                     const DeviceWork& work);

// The same for work that is bound by arithmetic: `flops` is what it has to
// compute at the least, `rate` a yardstick (ProductRate() of product_rate.h).
// Counters: flops; flops_per_second; share_of_product, that over `rate`.
void MeasureFlopsOnDevice(benchmark::State& state, double flops, double rate,
                          const DeviceWork& work);

// Skips the benchmark, showing the error, if there is one.
void SkipUnlessOk(benchmark::State& state, const absl::Status& status);

}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_BENCH_CUDA_DEVICE_BENCHMARK_H_
