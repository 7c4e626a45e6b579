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

// Copies `values` to the front of `buffer`, which grows where it has to, on the
// default stream.
template <typename T>
absl::Status Upload(const std::vector<T>& values, DeviceBuffer<T>* buffer) {
  if (values.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(buffer->Reserve(static_cast<int64_t>(values.size())));
  RETURN_IF_CUDA_ERROR(cudaMemcpy(buffer->data(), values.data(),
                                  values.size() * sizeof(T),
                                  cudaMemcpyHostToDevice));
  return absl::OkStatus();
}

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_UPLOAD_H_
