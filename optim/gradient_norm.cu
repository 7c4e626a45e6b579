// Floor: 4 bytes a parameter. The order of summation gives a piece of 65,536
// elements 16 chains of additions, one thread each, so that GPT-2 124M occupies
// 30,384 threads only; each keeps 32 loads under way, 3.9 MB in all, which is
// more than latency times bandwidth of the memories of these devices (about 2
// MB). 16 threads read 64 consecutive bytes: whole sectors, wherever the array
// begins. 4,096 additions in a row take less time than the bytes do.

#include "optim/gradient_norm.h"

#include <cmath>

#include "optim/device_step.cuh"
#include "optim/gradient_norm.cuh"
#include "optim/gradient_norm_order.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/launch.cuh"
#include "tools/cuda/status.h"

namespace anisograd {
namespace {

constexpr int64_t kPiece = kNormPiece;
constexpr int kChains = kNormChains;
constexpr int kInFlight = 32;

// A warp has two pieces.
__global__ void __launch_bounds__(cuda::kWarpSize)
    SquarePiecesKernel(int64_t size, const float* x, GradientScale scale,
                       double* pieces) {
  const int chain = static_cast<int>(threadIdx.x) % kChains;
  const int64_t piece = int64_t{blockIdx.x} * (cuda::kWarpSize / kChains) +
                        static_cast<int>(threadIdx.x) / kChains;
  const int64_t begin = piece * kPiece;
  const int64_t end = begin + kPiece < size ? begin + kPiece : size;
  const float factor = LoadScale(scale);
  double sum = 0.0;
  int64_t i = begin + chain;
  constexpr int64_t kStride = int64_t{kInFlight} * kChains;
  for (; i - chain + kStride <= end; i += kStride) {
    float loaded[kInFlight];
#pragma unroll
    for (int k = 0; k < kInFlight; ++k) loaded[k] = x[i + k * kChains];
#pragma unroll
    for (int k = 0; k < kInFlight; ++k) {
      const double scaled = static_cast<double>(loaded[k] * factor);
      sum += scaled * scaled;
    }
  }
  for (; i < end; i += kChains) {
    const double scaled = static_cast<double>(x[i] * factor);
    sum += scaled * scaled;
  }
  // Both pieces' threads take part, also those of a piece behind the end.
#pragma unroll
  for (int half = kChains / 2; half > 0; half /= 2) {
    sum += __shfl_xor_sync(cuda::kAllLanes, sum, half);
  }
  if (chain == 0 && begin < size) pieces[piece] = sum;
}

__global__ void __launch_bounds__(kSumThreads)
    NormKernel(const double* pieces, int64_t count, double max_norm,
               NormAndClip* result) {
  const double norm = sqrt(SumInOrder(pieces, count));
  if (threadIdx.x != 0) return;
  result->norm = norm;
  result->clip_factor = !(norm < INFINITY) ? NAN
                        : max_norm > 0.0 && norm > max_norm
                            ? static_cast<float>(max_norm / norm)
                            : 1.0f;
}

}  // namespace

int64_t SquareSumPieces(int64_t size) { return cuda::CeilDiv(size, kPiece); }

absl::Status SumSquarePieces(cudaStream_t stream, int64_t size, const float* x,
                             const GradientScale& scale, double* pieces) {
  const int64_t blocks = cuda::CeilDiv(SquareSumPieces(size),
                                       cuda::kWarpSize / kChains);
  return cuda::Launch("SquarePieces", SquarePiecesKernel,
                      dim3(static_cast<unsigned>(blocks)),
                      dim3(cuda::kWarpSize), stream, size, x, scale, pieces);
}

absl::StatusOr<GradientNorm> GradientNorm::Create(int64_t max_size) {
  ASSIGN_OR_RETURN(cuda::Event copied, cuda::Event::Create());
  GradientNorm norm(std::move(copied));
  ASSIGN_OR_RETURN(norm.pieces_, cuda::DeviceBuffer<double>::Create(
                                     SquareSumPieces(max_size)));
  ASSIGN_OR_RETURN(norm.result_, cuda::DeviceBuffer<NormAndClip>::Create(1));
  RETURN_IF_ERROR(norm.on_host_.Reserve(1));
  return norm;
}

absl::Status GradientNorm::Compute(cudaStream_t stream, int64_t size,
                                   const float* gradient,
                                   const GradientScale& scale,
                                   double max_norm) {
  RETURN_IF_ERROR(
      SumSquarePieces(stream, size, gradient, scale, pieces_.data()));
  RETURN_IF_ERROR(cuda::Launch(
      "GradientNorm", NormKernel, dim3(1), dim3(kSumThreads), stream,
      pieces_.data(), SquareSumPieces(size), max_norm, result_.data()));
  RETURN_IF_CUDA_ERROR(cudaMemcpyAsync(on_host_.data(), result_.data(),
                                       sizeof(NormAndClip),
                                       cudaMemcpyDeviceToHost, stream));
  return copied_.Record(stream);
}

absl::StatusOr<NormAndClip> GradientNorm::Result() const {
  RETURN_IF_ERROR(copied_.Wait());
  return *on_host_.data();
}

}  // namespace anisograd
