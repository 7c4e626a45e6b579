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

// Benchmarks of work on the device, under Google Benchmark's manual time
// (->UseManualTime()): the time between two CUDA events around the work, so
// neither the host's preparation nor its waiting counts.

// Bytes read and written in a second by a kernel that does nothing but copy
// memory to memory, 1 GiB, the best of ten: what a kernel that moves bytes can
// hope for on this device today. Measured at the first call.
absl::StatusOr<double> CopyBandwidth();

// Runs `work` once untimed, then once in every iteration. `bytes` is what it
// has to read and write at the least. Counters: bytes; bandwidth, bytes per
// second; share_of_copy, that bandwidth over CopyBandwidth(). Work that fits
// the level-2 cache can have a share above 1. An error, also that there is no
// device, skips the benchmark and is shown.
void MeasureOnDevice(benchmark::State& state, int64_t bytes,
                     const std::function<absl::Status(cudaStream_t)>& work);

}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_BENCH_CUDA_DEVICE_BENCHMARK_H_
