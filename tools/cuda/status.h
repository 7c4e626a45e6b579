#ifndef TOOLS_CUDA_STATUS_H_
#define TOOLS_CUDA_STATUS_H_

#include <cuda_runtime_api.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace anisograd {
namespace cuda {

// OK, or "WHAT: CUDA's name of the error: its description", as
// ResourceExhausted for memory, Unavailable where there is no device or no
// fitting driver, else Internal. Errors of kernels appear in a later call than
// the one that started them. A caller who can do without, say, the memory may
// go on: no later launch reports the same error.
absl::Status CudaStatus(cudaError_t error, absl::string_view what);

// For calls that have no way to return an error. A device that failed cannot be
// used again and what it holds is lost: prints the error and ends the program.
void DieUnlessOk(const absl::Status& status);

// Early return on a CUDA error, for functions that return absl::Status or
// absl::StatusOr<T>; the expression itself is the message's first part.
#define RETURN_IF_CUDA_ERROR(expr)                                   \
  do {                                                               \
    const cudaError_t cuda_error = (expr);                           \
    if (cuda_error != cudaSuccess) {                                 \
      return ::anisograd::cuda::CudaStatus(cuda_error, #expr);       \
    }                                                                \
  } while (false)

}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_CUDA_STATUS_H_
