#ifndef TOOLS_CUDA_PINNED_BUFFER_H_
#define TOOLS_CUDA_PINNED_BUFFER_H_

#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "tools/cuda/growth.h"
#include "tools/cuda/status.h"

namespace anisograd {
namespace cuda {

// An array in host memory that the device can copy from and to while the host
// goes on: cudaMemcpyAsync is only asynchronous with such. Owns it; moves, does
// not copy.
template <typename T>
class PinnedBuffer {
 public:
  // Makes room for at least `size` elements, GrownSize(); where it has to grow, what stood
  // in it is lost, and no copy may be under way. ResourceExhausted where memory
  // does not suffice.
  absl::Status Reserve(int64_t size) {
    if (size <= size_) return absl::OkStatus();
    size = GrownSize(size_, size);
    data_ = nullptr;
    size_ = 0;
    void* data = nullptr;
    RETURN_IF_CUDA_ERROR(
        cudaMallocHost(&data, static_cast<size_t>(size) * sizeof(T)));
    data_.reset(static_cast<T*>(data));
    size_ = size;
    return absl::OkStatus();
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  int64_t size() const { return size_; }

 private:
  struct Free {
    void operator()(T* data) const { cudaFreeHost(data); }
  };
  std::unique_ptr<T, Free> data_;
  int64_t size_ = 0;
};

}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_CUDA_PINNED_BUFFER_H_
