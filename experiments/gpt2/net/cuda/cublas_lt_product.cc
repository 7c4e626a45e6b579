// A GPU's MatrixMultiplier: cuBLASLt's products.

#include <cublasLt.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "experiments/gpt2/net/cuda/matrix_product.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/status.h"

// The floor is 2 m n k operations at the tensor cores' rate (bf16, TF32), which
// cuBLASLt's kernels are the way to; the epilogues save one reading and one
// writing of c each.
//
// cuBLASLt stores matrices column after column. A matrix stored row after row
// is its transpose there, so c = op(a) op(b) is asked for as
// c^T = op(b)^T op(a)^T: operands exchanged, their operations kept, and the
// bias along a row of c is one along a column of c^T, as cuBLASLt has it.

namespace anisograd {
namespace cuda {
namespace {

// What cuBLASLt's documentation recommends for Hopper. Fixed, so that the
// choice of algorithms is.
constexpr int64_t kWorkspaceBytes = int64_t{32} << 20;

absl::Status LtStatus(cublasStatus_t status, absl::string_view what) {
  if (status == CUBLAS_STATUS_SUCCESS) return absl::OkStatus();
  const std::string message =
      absl::StrCat(what, ": ", cublasLtGetStatusString(status));
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) {
    return absl::UnimplementedError(message);
  }
  return absl::InternalError(message);
}
#define RETURN_IF_LT_ERROR(expr) RETURN_IF_ERROR(LtStatus((expr), #expr))

struct DestroyDesc {
  void operator()(cublasLtMatmulDesc_t d) const {
    cublasLtMatmulDescDestroy(d);
  }
};
struct DestroyLayout {
  void operator()(cublasLtMatrixLayout_t l) const {
    cublasLtMatrixLayoutDestroy(l);
  }
};
struct DestroyPreference {
  void operator()(cublasLtMatmulPreference_t p) const {
    cublasLtMatmulPreferenceDestroy(p);
  }
};
struct DestroyHandle {
  void operator()(cublasLtHandle_t h) const { cublasLtDestroy(h); }
};
template <typename Pointer, typename Destroy>
using Owned = std::unique_ptr<std::remove_pointer_t<Pointer>, Destroy>;
using Desc = Owned<cublasLtMatmulDesc_t, DestroyDesc>;
using Layout = Owned<cublasLtMatrixLayout_t, DestroyLayout>;
using Preference = Owned<cublasLtMatmulPreference_t, DestroyPreference>;

template <typename T>
constexpr cudaDataType_t Type() {
  return std::is_same<T, float>::value ? CUDA_R_32F : CUDA_R_16BF;
}

// The largest power of two up to 256 that the address is a multiple of: 256 is
// what cuBLASLt takes for granted otherwise.
uint32_t Alignment(const void* p) {
  const auto address = reinterpret_cast<uintptr_t>(p) | 256;
  return static_cast<uint32_t>(address & (~address + 1));
}

template <typename T>
absl::Status Set(cublasLtMatmulDesc_t desc,
                 cublasLtMatmulDescAttributes_t attribute, const T& value) {
  return LtStatus(
      cublasLtMatmulDescSetAttribute(desc, attribute, &value, sizeof(value)),
      "cublasLtMatmulDescSetAttribute");
}
template <typename T>
absl::Status Set(cublasLtMatmulPreference_t preference,
                 cublasLtMatmulPreferenceAttributes_t attribute,
                 const T& value) {
  return LtStatus(cublasLtMatmulPreferenceSetAttribute(preference, attribute,
                                                       &value, sizeof(value)),
                  "cublasLtMatmulPreferenceSetAttribute");
}

template <typename T>
absl::Status NewLayout(MatrixView<T> m, Layout* out) {
  cublasLtMatrixLayout_t layout = nullptr;
  RETURN_IF_LT_ERROR(cublasLtMatrixLayoutCreate(
      &layout, Type<std::remove_const_t<T>>(), static_cast<uint64_t>(m.columns),
      static_cast<uint64_t>(m.rows), m.stride));
  out->reset(layout);
  return absl::OkStatus();
}

cublasOperation_t Operation(Op op) {
  return op == Op::kTransposed ? CUBLAS_OP_T : CUBLAS_OP_N;
}

cublasLtEpilogue_t LtEpilogue(Epilogue epilogue) {
  switch (epilogue) {
    case Epilogue::kNone:
      return CUBLASLT_EPILOGUE_DEFAULT;
    case Epilogue::kBias:
      return CUBLASLT_EPILOGUE_BIAS;
    case Epilogue::kBiasGelu:
      return CUBLASLT_EPILOGUE_GELU_AUX_BIAS;
    case Epilogue::kGeluGradient:
      return CUBLASLT_EPILOGUE_DGELU;
  }
  return CUBLASLT_EPILOGUE_DEFAULT;
}

// The description of a product, but for its operands' layouts and the
// epilogue's arrays.
absl::Status NewDesc(cublasComputeType_t compute, Op op_a, Op op_b,
                     Epilogue epilogue, Desc* out) {
  cublasLtMatmulDesc_t desc = nullptr;
  RETURN_IF_LT_ERROR(cublasLtMatmulDescCreate(&desc, compute, CUDA_R_32F));
  out->reset(desc);
  RETURN_IF_ERROR(Set(desc, CUBLASLT_MATMUL_DESC_TRANSA, Operation(op_b)));
  RETURN_IF_ERROR(Set(desc, CUBLASLT_MATMUL_DESC_TRANSB, Operation(op_a)));
  return Set(desc, CUBLASLT_MATMUL_DESC_EPILOGUE, LtEpilogue(epilogue));
}

template <typename C>
absl::Status SetArrays(cublasLtMatmulDesc_t desc,
                       const EpilogueArguments<C>& epilogue,
                       int64_t pre_stride) {
  if (epilogue.kind == Epilogue::kBias ||
      epilogue.kind == Epilogue::kBiasGelu) {
    RETURN_IF_ERROR(
        Set(desc, CUBLASLT_MATMUL_DESC_BIAS_POINTER, epilogue.bias));
  }
  if (epilogue.kind == Epilogue::kBiasGelu ||
      epilogue.kind == Epilogue::kGeluGradient) {
    RETURN_IF_ERROR(
        Set(desc, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, epilogue.pre));
    RETURN_IF_ERROR(
        Set(desc, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, pre_stride));
  }
  return absl::OkStatus();
}

// All that the choice of an algorithm may depend on; the library looks at the
// addresses of the epilogue's arrays, too.
using Key =
    std::tuple<cublasComputeType_t, cudaDataType_t, cudaDataType_t, Op, Op,
               int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, Into,
               Epilogue, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t>;

// A product that has been prepared, so that the next one alike costs the host
// next to nothing; without an algorithm, the library has none.
struct Plan {
  Desc desc;
  Layout a, b, c;
  std::optional<cublasLtMatmulAlgo_t> algorithm;
  // The library's last.
  cublasStatus_t answer = CUBLAS_STATUS_SUCCESS;
};

// Whether the library says that it has no such product, `fused` with an epilogue.
// It does not promise which of the two it answers to an epilogue that a
// combination of types does not have, nor when.
bool HasNone(cublasStatus_t status, bool fused) {
  return status == CUBLAS_STATUS_NOT_SUPPORTED ||
         (fused && status == CUBLAS_STATUS_INVALID_VALUE);
}

// Sets plan->algorithm, if there is one for addresses aligned as told. `fused`:
// with an epilogue.
absl::Status ChooseAlgorithm(cublasLtHandle_t handle, bool fused,
                             uint32_t alignment_a, uint32_t alignment_b,
                             uint32_t alignment_c, Plan* plan) {
  cublasLtMatmulPreference_t created = nullptr;
  RETURN_IF_LT_ERROR(cublasLtMatmulPreferenceCreate(&created));
  const Preference preference(created);
  RETURN_IF_ERROR(Set(created, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                      static_cast<uint64_t>(kWorkspaceBytes)));
  // Pieces of a sum in the workspace, added up in order; not "in place", which
  // is by atomic operations, and not rounded to C in between.
  RETURN_IF_ERROR(
      Set(created, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
          static_cast<uint32_t>(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE)));
  RETURN_IF_ERROR(
      Set(created, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignment_b));
  RETURN_IF_ERROR(
      Set(created, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignment_a));
  RETURN_IF_ERROR(
      Set(created, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, alignment_c));
  RETURN_IF_ERROR(
      Set(created, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, alignment_c));
  cublasLtMatmulHeuristicResult_t result = {};
  int results = 0;
  plan->answer = cublasLtMatmulAlgoGetHeuristic(
      handle, plan->desc.get(), plan->b.get(), plan->a.get(), plan->c.get(),
      plan->c.get(), created, 1, &result, &results);
  if (HasNone(plan->answer, fused)) return absl::OkStatus();
  RETURN_IF_ERROR(LtStatus(plan->answer, "cublasLtMatmulAlgoGetHeuristic"));
  if (results > 0 && result.state == CUBLAS_STATUS_SUCCESS) {
    plan->algorithm = result.algo;
  }
  return absl::OkStatus();
}

}  // namespace

std::string MatrixMultiplier::LibraryName() {
  const size_t version = cublasLtGetVersion();
  return absl::StrCat("cuBLASLt ", version / 10000, ".", version / 100 % 100,
                      ".", version % 100);
}

struct MatrixMultiplier::State {
  std::unique_ptr<std::remove_pointer_t<cublasLtHandle_t>, DestroyHandle>
      handle;
  DeviceBuffer<char> workspace;
  cublasComputeType_t single_precision = CUBLAS_COMPUTE_32F_PEDANTIC;
  std::map<Key, Plan> plans;

  // Says on stderr that the library has no such epilogue, so that what that costs
  // does not go unseen: once for each answer to an epilogue and number of columns,
  // since that of rows may be another one in every pass.
  void SayNone(Epilogue epilogue, cudaDataType_t type, int64_t rows,
               int64_t columns, cublasStatus_t answer) {
    if (!said.emplace(epilogue, type, columns, answer).second) return;
    static constexpr const char* kNames[] = {"plain product", "bias",
                                             "bias and gelu", "gelu's gradient"};
    std::fprintf(stderr,
                 "cuBLASLt has no %s for [%lld, %lld] in %s (%s): kernels of "
                 "our own instead\n",
                 kNames[static_cast<int>(epilogue)],
                 static_cast<long long>(rows), static_cast<long long>(columns),
                 type == CUDA_R_32F ? "single precision" : "bf16",
                 cublasLtGetStatusString(answer));
  }
  std::set<std::tuple<Epilogue, cudaDataType_t, int64_t, cublasStatus_t>> said;
};

absl::StatusOr<MatrixMultiplier> MatrixMultiplier::Create(
    SinglePrecision precision, std::optional<bool> fuse_gelu) {
  if (!fuse_gelu.has_value()) {
    int device = 0, major = 0;
    RETURN_IF_CUDA_ERROR(cudaGetDevice(&device));
    RETURN_IF_CUDA_ERROR(cudaDeviceGetAttribute(
        &major, cudaDevAttrComputeCapabilityMajor, device));
    fuse_gelu = major >= 9 && !GeluIsApart();
  }
  auto state = std::make_shared<State>();
  cublasLtHandle_t handle = nullptr;
  RETURN_IF_LT_ERROR(cublasLtCreate(&handle));
  state->handle.reset(handle);
  ASSIGN_OR_RETURN(state->workspace,
                   DeviceBuffer<char>::Create(kWorkspaceBytes));
  if (precision == SinglePrecision::kTf32) {
    state->single_precision = CUBLAS_COMPUTE_32F_FAST_TF32;
  }
  return MatrixMultiplier(std::move(state), *fuse_gelu);
}

template <typename A, typename C>
absl::Status MatrixMultiplier::MultiplyFused(
    cudaStream_t stream, Op op_a, MatrixView<const A> a, Op op_b,
    MatrixView<const A> b, Into into, const EpilogueArguments<C>& epilogue,
    MatrixView<C> c) {
  const cublasComputeType_t compute = std::is_same<A, float>::value
                                          ? state_->single_precision
                                          : CUBLAS_COMPUTE_32F;
  const Key key(compute, Type<A>(), Type<C>(), op_a, op_b, c.rows, c.columns,
                op_a == Op::kTransposed ? a.rows : a.columns, a.stride,
                b.stride, c.stride, into, epilogue.kind, Alignment(a.data),
                Alignment(b.data), Alignment(c.data), Alignment(epilogue.bias),
                Alignment(epilogue.pre));
  const bool fused = epilogue.kind != Epilogue::kNone;
  auto found = state_->plans.find(key);
  if (found == state_->plans.end()) {
    Plan plan;
    RETURN_IF_ERROR(NewDesc(compute, op_a, op_b, epilogue.kind, &plan.desc));
    RETURN_IF_ERROR(SetArrays(plan.desc.get(), epilogue, c.columns));
    RETURN_IF_ERROR(NewLayout(a, &plan.a));
    RETURN_IF_ERROR(NewLayout(b, &plan.b));
    RETURN_IF_ERROR(NewLayout(c, &plan.c));
    RETURN_IF_ERROR(ChooseAlgorithm(state_->handle.get(), fused,
                                    Alignment(a.data), Alignment(b.data),
                                    Alignment(c.data), &plan));
    found = state_->plans.emplace(key, std::move(plan)).first;
  }
  Plan& plan = found->second;
  if (plan.algorithm.has_value()) {
    RETURN_IF_ERROR(SetArrays(plan.desc.get(), epilogue, c.columns));
    const float alpha = 1.0f, beta = into == Into::kAdd ? 1.0f : 0.0f;
    const cublasStatus_t status = cublasLtMatmul(
        state_->handle.get(), plan.desc.get(), &alpha, b.data, plan.b.get(),
        a.data, plan.a.get(), &beta, c.data, plan.c.get(), c.data, plan.c.get(),
        &*plan.algorithm, state_->workspace.data(), kWorkspaceBytes, stream);
    if (!HasNone(status, fused)) return LtStatus(status, "cublasLtMatmul");
    plan.algorithm.reset();
    plan.answer = status;
  }
  if (fused) {
    state_->SayNone(epilogue.kind, Type<C>(), c.rows, c.columns, plan.answer);
  }
  return absl::UnimplementedError(
      absl::StrCat("cuBLASLt: no algorithm for a product [", c.rows, ", ",
                   c.columns, "]"));
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
