#include <utility>

#include "experiments/gpt2/cuda/matrix_product.h"
#include "experiments/gpt2/cuda/quad.cuh"
#include "tools/base/status_macros.h"
#include "tools/cuda/launch.cuh"

// Stands in for cuBLASLt on the emulator: one thread an element, summed in the
// order of the inner index. Not made for speed. It has no epilogues, so the
// kernels that stand in for those are tested here.

namespace anisograd {
namespace cuda {
namespace {

constexpr int kThreads = 128;

// TF32 keeps ten bits of the fraction; rounds to nearest, ties away from zero.
inline __device__ float RoundedToTf32(float x) {
  return __uint_as_float((__float_as_uint(x) + 0x1000u) & 0xffffe000u);
}

template <typename A, typename C>
__global__ void MultiplyKernel(bool tf32, bool transposed_a,
                               MatrixView<const A> a, bool transposed_b,
                               MatrixView<const A> b, int64_t inner, bool add,
                               MatrixView<C> c) {
  const int64_t n =
      static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (n >= c.rows * c.columns) return;
  const int64_t i = n / c.columns, j = n % c.columns;
  float sum = 0.0f;
  for (int64_t k = 0; k < inner; ++k) {
    float x = ToFloat(transposed_a ? a.row(k)[i] : a.row(i)[k]);
    float y = ToFloat(transposed_b ? b.row(j)[k] : b.row(k)[j]);
    if (tf32) {
      x = RoundedToTf32(x);
      y = RoundedToTf32(y);
    }
    sum = fmaf(x, y, sum);
  }
  if (add) sum += ToFloat(c.row(i)[j]);
  FromFloat(sum, c.row(i) + j);
}

}  // namespace

struct MatrixMultiplier::State {
  SinglePrecision precision;
};

MatrixMultiplier::MatrixMultiplier(std::unique_ptr<State> state, bool fuse_gelu)
    : state_(std::move(state)), fuse_gelu_(fuse_gelu) {}
MatrixMultiplier::MatrixMultiplier(MatrixMultiplier&&) noexcept = default;
MatrixMultiplier& MatrixMultiplier::operator=(MatrixMultiplier&&) noexcept =
    default;
MatrixMultiplier::~MatrixMultiplier() = default;

absl::StatusOr<MatrixMultiplier> MatrixMultiplier::CreateHandle(
    SinglePrecision precision, bool fuse_gelu) {
  return MatrixMultiplier(std::make_unique<State>(State{precision}), fuse_gelu);
}

template <typename A, typename C>
absl::Status MatrixMultiplier::MultiplyFused(
    cudaStream_t stream, Op op_a, MatrixView<const A> a, Op op_b,
    MatrixView<const A> b, Into into, const EpilogueArguments<C>& epilogue,
    MatrixView<C> c) {
  if (epilogue.kind != Epilogue::kNone) {
    return absl::UnimplementedError("no epilogues on the emulator");
  }
  const bool tf32 =
      sizeof(A) == 4 && state_->precision == SinglePrecision::kTf32;
  return Launch(
      "Multiply", MultiplyKernel<A, C>,
      dim3(static_cast<unsigned>(CeilDiv(c.rows * c.columns, kThreads))),
      dim3(kThreads), stream, tf32, op_a == Op::kTransposed, a,
      op_b == Op::kTransposed, b, op_a == Op::kTransposed ? a.rows : a.columns,
      into == Into::kAdd, c);
}

#define INSTANTIATE(A, C)                                                   \
  template absl::Status MatrixMultiplier::MultiplyFused(                    \
      cudaStream_t, Op, MatrixView<const A>, Op, MatrixView<const A>, Into, \
      const EpilogueArguments<C>&, MatrixView<C>);
INSTANTIATE(float, float)
INSTANTIATE(__nv_bfloat16, __nv_bfloat16)
INSTANTIATE(__nv_bfloat16, float)
#undef INSTANTIATE

}  // namespace cuda
}  // namespace anisograd
