#ifndef TOOLS_BENCH_CUDA_DEVICE_INPUTS_H_
#define TOOLS_BENCH_CUDA_DEVICE_INPUTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/cuda/device_buffer.h"

namespace anisograd {
namespace cuda {

// Arrays in the device's memory for benchmarks to work on. Errors are those of
// DeviceBuffer.

// `size` numbers, uniform in [-range, range), the same in every run; drawn on
// the device. Random bits, since tensor cores are faster on zeros and
// constants, which take less power. A = float or __nv_bfloat16.
template <typename A>
absl::StatusOr<DeviceBuffer<A>> RandomOnDevice(int64_t size,
                                               float range = 1.0f);

// A copy of `values`. T = int32_t or AttentionTile (batch_index.h).
template <typename T>
absl::StatusOr<DeviceBuffer<T>> CopyOnDevice(const std::vector<T>& values);

}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_BENCH_CUDA_DEVICE_INPUTS_H_
