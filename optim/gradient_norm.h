#ifndef OPTIM_GRADIENT_NORM_H_
#define OPTIM_GRADIENT_NORM_H_

#include <cuda_runtime_api.h>

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "optim/device_step.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/event.h"
#include "tools/cuda/pinned_buffer.h"

namespace anisograd {

// Sums of squares on the device, in the order of gradient_norm_order.h.

// How many sums SumSquarePieces writes: ceil(size / kNormPiece).
int64_t SquareSumPieces(int64_t size);

// pieces[p] = sum over piece p of (scale x[i])^2, where scale x[i] is rounded
// to single precision, as the update rules see it. Device memory.
absl::Status SumSquarePieces(cudaStream_t stream, int64_t size, const float* x,
                             const GradientScale& scale, double* pieces);

// The global norm of a gradient and the factor that clips it.
struct NormAndClip {
  // |scale g|_2.
  double norm = 0.0;
  // min(1, max_norm / norm), in double, then rounded; 1 where max_norm is 0 (no
  // clipping). NaN where the norm is not finite: no step (GradientScale).
  float clip_factor = 1.0f;
};

class GradientNorm {
 public:
  // For gradients of up to max_size elements. ResourceExhausted where the
  // device's memory does not suffice.
  static absl::StatusOr<GradientNorm> Create(int64_t max_size);

  // Starts the computation for `size` <= max_size elements of device memory, and
  // the copy of its result to the host.
  absl::Status Compute(cudaStream_t stream, int64_t size,
                       const float* gradient, const GradientScale& scale,
                       double max_norm);

  // The last result, in the device's memory: for GradientScale::device_factor
  // of work on the same stream, without the host in between.
  const float* clip_factor() const { return &result_.data()->clip_factor; }
  // The same for the host; waits for it, not for what was started since.
  absl::StatusOr<NormAndClip> Result() const;

 private:
  explicit GradientNorm(cuda::Event copied) : copied_(std::move(copied)) {}

  cuda::DeviceBuffer<double> pieces_;
  cuda::DeviceBuffer<NormAndClip> result_;
  cuda::PinnedBuffer<NormAndClip> on_host_;
  // Behind the last copy to on_host_.
  cuda::Event copied_;
};

}  // namespace anisograd

#endif  // OPTIM_GRADIENT_NORM_H_
