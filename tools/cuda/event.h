#ifndef TOOLS_CUDA_EVENT_H_
#define TOOLS_CUDA_EVENT_H_

#include <cuda_runtime_api.h>

#include <memory>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/cuda/status.h"

namespace anisograd {
namespace cuda {

// A point in a stream's work that the host can wait for, and time. Owns the
// CUDA event; moves, does not copy.
class Event {
 public:
  static absl::StatusOr<Event> Create() {
    Event event;
    cudaEvent_t created = nullptr;
    RETURN_IF_CUDA_ERROR(cudaEventCreate(&created));
    event.event_.reset(created);
    return event;
  }

  // Now stands behind all work given to the stream so far.
  absl::Status Record(cudaStream_t stream) {
    RETURN_IF_CUDA_ERROR(cudaEventRecord(event_.get(), stream));
    return absl::OkStatus();
  }
  // Returns when that work is done; at once for an event never recorded.
  absl::Status Wait() const {
    RETURN_IF_CUDA_ERROR(cudaEventSynchronize(event_.get()));
    return absl::OkStatus();
  }
  // From `earlier` to this one, on the device's clock; both recorded, and this
  // one waited for.
  absl::StatusOr<double> SecondsSince(const Event& earlier) const {
    float milliseconds = 0.0f;
    RETURN_IF_CUDA_ERROR(cudaEventElapsedTime(
        &milliseconds, earlier.event_.get(), event_.get()));
    return 1e-3 * milliseconds;
  }

 private:
  struct Destroy {
    void operator()(cudaEvent_t event) const { cudaEventDestroy(event); }
  };

  Event() = default;

  std::unique_ptr<std::remove_pointer_t<cudaEvent_t>, Destroy> event_;
};

}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_CUDA_EVENT_H_
