#ifndef EXPERIMENTS_GPT2_NET_CUDA_MATRIX_PRODUCT_H_
#define EXPERIMENTS_GPT2_NET_CUDA_MATRIX_PRODUCT_H_

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "experiments/gpt2/net/matrix_product.h"
#include "experiments/gpt2/net/matrix_view.h"

namespace anisograd {
namespace cuda {

// What is done to P = op(a) op(b), [m, n], on its way to c. gelu as in
// experiments/gpt2/net/gelu.h. But for kNone, pre and c have no gaps between rows,
// and n is a multiple of eight.
//
// Where the library has a kernel for it, P goes through the epilogue unrounded;
// else a kernel of its own follows the product, and P is rounded to C before.
enum class Epilogue {
  kNone,          // c = P
  kBias,          // c = P + bias, row by row
  kBiasGelu,      // pre = P + bias, c = gelu(pre)
  kGeluGradient,  // c = P gelu'(pre), element by element
};
template <typename C>
struct EpilogueArguments {
  Epilogue kind = Epilogue::kNone;
  const C* bias = nullptr;  // [n]
  C* pre = nullptr;         // [m, n]; only kBiasGelu writes it
};

// How the products of single precision numbers are formed: exactly, or of
// factors rounded to TF32's 11 significant bits. Sums are in single precision.
enum class SinglePrecision { kFloat32, kTf32 };

// What forms the products, with its version: "cuBLASLt 13.1.0", or "cuBLASLt
// 13.1.0 (gelu apart)". The bits of products are a function of it.
std::string MatrixProductLibrary();

// Whether the environment's ANISOGRAD_GELU_APART is set: gelu is not left to the
// library then, so that its fast tanh can be told from another fault without
// another build.
bool GeluIsApart();

// Dense products on the device, for one stream at a time, as the workspace is
// shared. They are cuBLASLt's (cublas_lt_product.cc); on the emulator they are
// the CPU's (emulated_product.cc).
//
// Determinism: on one kind of GPU with one release of CUDA, the bits are a
// function of the operands, their shapes and strides, and the addresses modulo
// 256 bytes. No algorithm that adds up pieces with atomic operations is taken.
class MatrixMultiplier {
 public:
  // fuse_gelu: whether gelu is left to the library where it can and C is not
  // float; without a value, on compute capability 9 and later unless
  // GeluIsApart(). Before that its fused kernels are known to be slower than two
  // kernels.
  static absl::StatusOr<MatrixMultiplier> Create(
      SinglePrecision precision, std::optional<bool> fuse_gelu = std::nullopt);
  MatrixMultiplier(MatrixMultiplier&&) noexcept = default;
  MatrixMultiplier& operator=(MatrixMultiplier&&) noexcept = default;

  // c = epilogue(op(a) op(b)), or c += op(a) op(b), which has no epilogue.
  // (A, C) = (float, float), (bf16, bf16) or (bf16, float), summed in single
  // precision. Shapes must fit; c overlaps no operand: the emulator answers
  // InvalidArgument otherwise. Unimplemented where the device's library has no
  // algorithm for the shape.
  template <typename A, typename C>
  absl::Status Multiply(cudaStream_t stream, Op op_a, MatrixView<const A> a,
                        Op op_b, MatrixView<const A> b, Into into,
                        const EpilogueArguments<C>& epilogue, MatrixView<C> c);

 private:
  struct State;  // the library's
  friend std::string MatrixProductLibrary();
  // With its version.
  static std::string LibraryName();
  // The same in one step of the library. Unimplemented where it has no algorithm
  // for it; then nothing has been done.
  template <typename A, typename C>
  absl::Status MultiplyFused(cudaStream_t stream, Op op_a,
                             MatrixView<const A> a, Op op_b,
                             MatrixView<const A> b, Into into,
                             const EpilogueArguments<C>& epilogue,
                             MatrixView<C> c);
  MatrixMultiplier(std::shared_ptr<State> state, bool fuse_gelu)
      : state_(std::move(state)), fuse_gelu_(fuse_gelu) {}

  // Not shared, but it knows how to delete what is incomplete here.
  std::shared_ptr<State> state_;
  bool fuse_gelu_;
};

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_MATRIX_PRODUCT_H_
