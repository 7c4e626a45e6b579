#include "tools/bench/cuda/device_inputs.h"

#include <cuda_bf16.h>

#include "experiments/gpt2/net/cuda/batch_index.h"
#include "experiments/gpt2/net/cuda/quad.cuh"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/launch.cuh"
#include "tools/cuda/status.h"

namespace anisograd {
namespace cuda {
namespace {

constexpr int kThreads = 256;

// --- kernels ---

// A thread has the four numbers of one Philox block.
template <typename A>
__global__ void __launch_bounds__(kThreads)
    RandomKernel(int64_t size, float range, A* out) {
  const int64_t block =
      static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (4 * block >= size) return;
  uint32_t words[4];
  Philox4x32(1, uint64_t{static_cast<uint32_t>(RandomPurpose::kTest)} << 32,
             static_cast<uint64_t>(block), words);
  for (int i = 0; i < 4; ++i) {
    if (4 * block + i >= size) break;
    const float uniform = static_cast<float>(words[i] >> 8) * 0x1.0p-23f;
    FromFloat((uniform - 1.0f) * range, out + 4 * block + i);
  }
}

}  // namespace

// --- launchers ---

template <typename A>
absl::StatusOr<DeviceBuffer<A>> RandomOnDevice(int64_t size, float range) {
  ASSIGN_OR_RETURN(auto buffer, DeviceBuffer<A>::Create(size));
  RETURN_IF_ERROR(
      Launch("Random", RandomKernel<A>,
             dim3(static_cast<unsigned>(CeilDiv(size, 4 * kThreads))),
             dim3(kThreads), nullptr, size, range, buffer.data()));
  return buffer;
}
template absl::StatusOr<DeviceBuffer<float>> RandomOnDevice(int64_t, float);
template absl::StatusOr<DeviceBuffer<__nv_bfloat16>> RandomOnDevice(int64_t,
                                                                    float);

template <typename T>
absl::StatusOr<DeviceBuffer<T>> CopyOnDevice(const std::vector<T>& values) {
  ASSIGN_OR_RETURN(auto buffer, DeviceBuffer<T>::Create(
                                    static_cast<int64_t>(values.size())));
  if (values.empty()) return buffer;
  RETURN_IF_CUDA_ERROR(cudaMemcpy(buffer.data(), values.data(),
                                  values.size() * sizeof(T),
                                  cudaMemcpyHostToDevice));
  return buffer;
}
template absl::StatusOr<DeviceBuffer<int32_t>> CopyOnDevice(
    const std::vector<int32_t>&);
template absl::StatusOr<DeviceBuffer<AttentionTile>> CopyOnDevice(
    const std::vector<AttentionTile>&);

}  // namespace cuda
}  // namespace anisograd
