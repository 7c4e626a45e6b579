#ifndef TOOLS_CUDA_EVENT_H_
#define TOOLS_CUDA_EVENT_H_

#include <cuda_runtime_api.h>

#include <utility>

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
    RETURN_IF_CUDA_ERROR(cudaEventCreate(&event.event_));
    return event;
  }
  Event(Event&& other) noexcept
      : event_(std::exchange(other.event_, nullptr)) {}
  Event& operator=(Event&& other) noexcept {
    std::swap(event_, other.event_);
    return *this;
  }
  ~Event() {
    if (event_ != nullptr) cudaEventDestroy(event_);
  }

  // Now stands behind all work given to the stream so far.
  absl::Status Record(cudaStream_t stream) {
    RETURN_IF_CUDA_ERROR(cudaEventRecord(event_, stream));
    return absl::OkStatus();
  }
  // Returns when that work is done; at once for an event never recorded.
  absl::Status Wait() const {
    RETURN_IF_CUDA_ERROR(cudaEventSynchronize(event_));
    return absl::OkStatus();
  }
  // From `earlier` to this one, on the device's clock; both recorded, and this
  // one waited for.
  absl::StatusOr<double> SecondsSince(const Event& earlier) const {
    float milliseconds = 0.0f;
    RETURN_IF_CUDA_ERROR(
        cudaEventElapsedTime(&milliseconds, earlier.event_, event_));
    return 1e-3 * milliseconds;
  }

 private:
  Event() = default;

  cudaEvent_t event_ = nullptr;
};

}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_CUDA_EVENT_H_
