// The emulator's MatrixMultiplier: the CPU's products. It has no epilogues for
// exact products of single precision numbers, so that Multiply() has to do
// without.

#include <cuda_bf16.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "experiments/gpt2/net/cuda/matrix_product.h"
#include "experiments/gpt2/net/gelu.h"
#include "tools/base/aligned_buffer.h"
#include "tools/base/thread_pool.h"
#include "tools/cuda/emulator/runtime.h"

namespace anisograd {
namespace cuda {
namespace {

float Wide(float x) { return x; }
float Wide(__nv_bfloat16 x) { return __bfloat162float(x); }
void Round(float x, float* out) { *out = x; }
void Round(float x, __nv_bfloat16* out) { *out = __float2bfloat16_rn(x); }

// TF32 keeps ten bits of the fraction; rounds to nearest, ties away from zero.
float RoundedToTf32(float x) {
  return __uint_as_float((__float_as_uint(x) + 0x1000u) & 0xffffe000u);
}

// A copy on the host, in single precision and without gaps.
struct HostMatrix {
  template <typename T>
  HostMatrix(MatrixView<T> m, bool tf32) : memory(m.rows * m.columns) {
    view = {memory.data(), m.rows, m.columns};
    for (int64_t i = 0; i < m.rows; ++i) {
      for (int64_t j = 0; j < m.columns; ++j) {
        const float x = Wide(m.row(i)[j]);
        view.row(i)[j] = tf32 ? RoundedToTf32(x) : x;
      }
    }
  }
  template <typename T>
  void Store(MatrixView<T> m) const {
    for (int64_t i = 0; i < m.rows; ++i) {
      for (int64_t j = 0; j < m.columns; ++j) {
        Round(view.row(i)[j], &m.row(i)[j]);
      }
    }
  }

  AlignedBuffer<float> memory;
  MatrixView<float> view;
};

template <typename A, typename C>
bool Overlap(MatrixView<const A> a, MatrixView<C> c) {
  const void *const a_begin = a.data, *const a_end = a.row(a.rows);
  const void *const c_begin = c.data, *const c_end = c.row(c.rows);
  return a_begin < c_end && c_begin < a_end;
}

// What the header asks of the arguments.
template <typename A, typename C>
absl::Status Check(Op op_a, MatrixView<const A> a, Op op_b,
                   MatrixView<const A> b, const EpilogueArguments<C>& epilogue,
                   MatrixView<C> c) {
  const bool a_as_is = op_a == Op::kAsIs, b_as_is = op_b == Op::kAsIs;
  if (c.rows != (a_as_is ? a.rows : a.columns) ||
      c.columns != (b_as_is ? b.columns : b.rows) ||
      (a_as_is ? a.columns : a.rows) != (b_as_is ? b.rows : b.columns)) {
    return absl::InvalidArgumentError("shapes do not fit");
  }
  if (Overlap(a, c) || Overlap(b, c)) {
    return absl::InvalidArgumentError("the result overlaps an operand");
  }
  if (epilogue.kind != Epilogue::kNone &&
      (c.stride != c.columns || c.columns % 8 != 0)) {
    return absl::InvalidArgumentError("an epilogue for a result with gaps, or "
                                      "whose rows are no multiple of eight");
  }
  return absl::OkStatus();
}

// The product itself, once the stream comes to it.
template <typename A, typename C>
void Compute(Op op_a, MatrixView<const A> a, Op op_b, MatrixView<const A> b,
             Into into, const EpilogueArguments<C>& epilogue, bool tf32,
             MatrixView<C> c) {
  const Epilogue kind = epilogue.kind;
  const HostMatrix host_a(a, tf32), host_b(b, tf32);
  HostMatrix p(c, false);
  ThreadPool pool(1);
  ParallelMultiply<float>(&pool, op_a, host_a.view, op_b, host_b.view, into,
                          p.view);
  const MatrixView<C> pre(epilogue.pre, c.rows, c.columns);
  if (kind == Epilogue::kBias || kind == Epilogue::kBiasGelu) {
    for (int64_t i = 0; i < c.rows; ++i) {
      for (int64_t j = 0; j < c.columns; ++j) {
        p.view.row(i)[j] += Wide(epilogue.bias[j]);
      }
    }
  }
  if (kind == Epilogue::kBiasGelu) {
    p.Store(pre);
    anisograd::GeluForward<float>(&pool, p.view, p.view);
  }
  if (kind == Epilogue::kGeluGradient) {
    anisograd::GeluBackward<float>(&pool, p.view, HostMatrix(pre, false).view,
                                   p.view);
  }
  p.Store(c);
}

}  // namespace

std::string MatrixMultiplier::LibraryName() { return "emulated products"; }

struct MatrixMultiplier::State {
  SinglePrecision precision;
};

absl::StatusOr<MatrixMultiplier> MatrixMultiplier::Create(
    SinglePrecision precision, std::optional<bool> fuse_gelu) {
  return MatrixMultiplier(std::make_shared<State>(State{precision}),
                          fuse_gelu.value_or(false));
}

template <typename A, typename C>
absl::Status MatrixMultiplier::MultiplyFused(
    cudaStream_t stream, Op op_a, MatrixView<const A> a, Op op_b,
    MatrixView<const A> b, Into into, const EpilogueArguments<C>& epilogue,
    MatrixView<C> c) {
  const absl::Status status = Check<A, C>(op_a, a, op_b, b, epilogue, c);
  if (!status.ok()) return status;
  const bool single = std::is_same<A, float>::value;
  const bool tf32 = single && state_->precision == SinglePrecision::kTf32;
  if (single && !tf32 && epilogue.kind != Epilogue::kNone) {
    return absl::UnimplementedError("no epilogue in FLOAT32");
  }
  emulator::Enqueue(stream, [=] {
    Compute<A, C>(op_a, a, op_b, b, into, epilogue, tf32, c);
  });
  return absl::OkStatus();
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
