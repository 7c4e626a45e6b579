#include "experiments/gpt2/net/cuda/matrix_product.h"

#include <cstdlib>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "experiments/gpt2/net/cuda/elementwise.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace cuda {

bool GeluIsApart() { return std::getenv("ANISOGRAD_GELU_APART") != nullptr; }

std::string MatrixProductLibrary() {
  return absl::StrCat(MatrixMultiplier::LibraryName(),
                      GeluIsApart() ? " (gelu apart)" : "");
}

template <typename A, typename C>
absl::Status MatrixMultiplier::Multiply(cudaStream_t stream, Op op_a,
                                        MatrixView<const A> a, Op op_b,
                                        MatrixView<const A> b, Into into,
                                        const EpilogueArguments<C>& epilogue,
                                        MatrixView<C> c) {
  if (c.rows == 0 || c.columns == 0) return absl::OkStatus();
  const bool gelu = epilogue.kind == Epilogue::kBiasGelu ||
                    epilogue.kind == Epilogue::kGeluGradient;
  // The library does not promise how exactly it computes gelu. The hardware's
  // fast tanh has 11 bits, which is enough for bf16, not for single precision.
  constexpr bool kRounds = !std::is_same<C, float>::value;
  if (!gelu || (fuse_gelu_ && kRounds)) {
    const absl::Status status =
        MultiplyFused<A, C>(stream, op_a, a, op_b, b, into, epilogue, c);
    if (epilogue.kind == Epilogue::kNone || !absl::IsUnimplemented(status)) {
      return status;
    }
  }
  // The same in several steps, each of which the library may know.
  const MatrixView<C> pre(epilogue.pre, c.rows, c.columns);
  if (epilogue.kind == Epilogue::kBiasGelu) {
    EpilogueArguments<C> with_bias;
    with_bias.kind = Epilogue::kBias;
    with_bias.bias = epilogue.bias;
    RETURN_IF_ERROR(
        (Multiply<A, C>(stream, op_a, a, op_b, b, into, with_bias, pre)));
    return GeluForward<C>(stream, pre, c);
  }
  RETURN_IF_ERROR((MultiplyFused<A, C>(stream, op_a, a, op_b, b, into, {}, c)));
  return epilogue.kind == Epilogue::kBias ? AddBias<C>(stream, epilogue.bias, c)
                                          : GeluBackward<C>(stream, c, pre, c);
}

#define INSTANTIATE(A, C)                                                   \
  template absl::Status MatrixMultiplier::Multiply(                         \
      cudaStream_t, Op, MatrixView<const A>, Op, MatrixView<const A>, Into, \
      const EpilogueArguments<C>&, MatrixView<C>);
INSTANTIATE(float, float)
INSTANTIATE(__nv_bfloat16, __nv_bfloat16)
INSTANTIATE(__nv_bfloat16, float)
#undef INSTANTIATE

}  // namespace cuda
}  // namespace anisograd
