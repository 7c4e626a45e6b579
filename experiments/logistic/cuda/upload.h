#ifndef EXPERIMENTS_LOGISTIC_CUDA_UPLOAD_H_
#define EXPERIMENTS_LOGISTIC_CUDA_UPLOAD_H_

#include <cuda_runtime_api.h>

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/status.h"

namespace anisograd {
namespace cuda {

// Copies `values` to the front of `buffer` on the default stream. Where the
// buffer is too small it is made anew, for `room` elements more.
template <typename T>
absl::Status Upload(const std::vector<T>& values, DeviceBuffer<T>* buffer,
                    int64_t room = 0) {
  const int64_t size = static_cast<int64_t>(values.size());
  if (size == 0) return absl::OkStatus();
  if (size > buffer->size()) RETURN_IF_ERROR(buffer->Reserve(size + room));
  RETURN_IF_CUDA_ERROR(cudaMemcpy(buffer->data(), values.data(),
                                  values.size() * sizeof(T),
                                  cudaMemcpyHostToDevice));
  return absl::OkStatus();
}

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_UPLOAD_H_
