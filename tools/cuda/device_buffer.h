#ifndef TOOLS_CUDA_DEVICE_BUFFER_H_
#define TOOLS_CUDA_DEVICE_BUFFER_H_

#include <cuda_runtime_api.h>

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/cuda/growth.h"
#include "tools/cuda/status.h"

namespace anisograd {
namespace cuda {

// What addresses of the device's memory are multiples of.
constexpr int64_t kDeviceAlignment = 256;

// An array in the device's memory, whose address is a multiple of 256 bytes.
// Owns it; moves, does not copy.
template <typename T>
class DeviceBuffer {
 public:
  // Empty.
  DeviceBuffer() = default;
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~DeviceBuffer() { cudaFree(data_); }

  // Zeros, on every byte. ResourceExhausted where memory does not suffice.
  static absl::StatusOr<DeviceBuffer> Create(int64_t size) {
    DeviceBuffer buffer;
    if (size == 0) return buffer;
    void* data = nullptr;
    const size_t bytes = static_cast<size_t>(size) * sizeof(T);
    RETURN_IF_CUDA_ERROR(cudaMalloc(&data, bytes));
    buffer.data_ = static_cast<T*>(data);
    buffer.size_ = size;
    RETURN_IF_CUDA_ERROR(cudaMemset(data, 0, bytes));
    return buffer;
  }

  // Makes room for at least `size` elements, GrownSize() where there is as much.
  // Where it has to grow, what stood in it is lost, and the old memory is given
  // back before the new is taken.
  absl::Status Reserve(int64_t size) {
    if (size <= size_) return absl::OkStatus();
    const int64_t wanted = GrownSize(size_, size);
    *this = DeviceBuffer();
    absl::StatusOr<DeviceBuffer> grown = Create(wanted);
    if (!grown.ok() && wanted > size) grown = Create(size);
    if (!grown.ok()) return grown.status();
    *this = std::move(grown).value();
    return absl::OkStatus();
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  int64_t size() const { return size_; }

 private:
  T* data_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_CUDA_DEVICE_BUFFER_H_
