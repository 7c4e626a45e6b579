#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "cublasLt.h"
#include "cuda_bf16.h"
#include "tools/cuda/emulator/runtime.h"

struct cublasLtContext {};
struct cublasLtMatmulDescOpaque_t {
  cublasComputeType_t compute;
  cublasOperation_t op_a = CUBLAS_OP_N, op_b = CUBLAS_OP_N;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
  void* aux = nullptr;
  int64_t aux_ld = 0;
};
struct cublasLtMatrixLayoutOpaque_t {
  cudaDataType_t type;
  int64_t rows, columns, ld;

  int64_t element() const { return type == CUDA_R_32F ? 4 : 2; }
  // Bytes from the first element to behind the last.
  int64_t extent() const { return ((columns - 1) * ld + rows) * element(); }
};
struct cublasLtMatmulPreferenceOpaque_t {
  uint64_t workspace_bytes = 0;
  uint32_t reduction_scheme = ~uint32_t{0};
  uint32_t alignment[4] = {256, 256, 256, 256};
};

namespace {

using anisograd::cuda::emulator::DeviceAccess;
using anisograd::cuda::emulator::DoOnStream;

// What an algorithm remembers of the product that it was chosen for.
struct Choice {
  uint16_t compute, epilogue;
  uint16_t op_a, op_b, type_a, type_d;
  // Of A, B, C, D, the bias and the auxiliary array.
  uint16_t alignment[6];
  int32_t m, n, k;
};
static_assert(sizeof(Choice) <= sizeof(cublasLtMatmulAlgo_t), "fits");

// The largest power of two up to 256 that the address is a multiple of.
uint16_t AlignmentOf(const void* p) {
  const auto address = reinterpret_cast<uintptr_t>(p) | 256;
  return static_cast<uint16_t>(address & (~address + 1));
}

// The workspace that the emulator asks for, though it uses none, so that a
// caller who gives less is found out.
constexpr size_t kWorkspaceBytes = 1 << 20;

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "cuBLASLt on the emulator: %s\n", what);
  std::abort();
}

template <typename T>
void Read(const void* value, size_t bytes, T* out) {
  Require(bytes == sizeof(T), "an attribute's size is wrong");
  std::memcpy(out, value, sizeof(T));
}

struct Shape {
  int64_t m, n, k;
};
Shape ShapeOf(const cublasLtMatmulDescOpaque_t& desc,
              const cublasLtMatrixLayoutOpaque_t& a,
              const cublasLtMatrixLayoutOpaque_t& b,
              const cublasLtMatrixLayoutOpaque_t& d) {
  Shape s;
  s.m = desc.op_a == CUBLAS_OP_N ? a.rows : a.columns;
  s.k = desc.op_a == CUBLAS_OP_N ? a.columns : a.rows;
  s.n = desc.op_b == CUBLAS_OP_N ? b.columns : b.rows;
  Require(s.k == (desc.op_b == CUBLAS_OP_N ? b.rows : b.columns),
          "inner dimensions differ");
  Require(d.rows == s.m && d.columns == s.n, "the result's shape is wrong");
  return s;
}

float Load(const void* data, cudaDataType_t type, int64_t i) {
  return type == CUDA_R_32F
             ? static_cast<const float*>(data)[i]
             : __bfloat162float(static_cast<const __nv_bfloat16*>(data)[i]);
}
void Store(float x, cudaDataType_t type, int64_t i, void* data) {
  if (type == CUDA_R_32F) {
    static_cast<float*>(data)[i] = x;
  } else {
    static_cast<__nv_bfloat16*>(data)[i] = __float2bfloat16_rn(x);
  }
}

// TF32 keeps ten bits of the fraction; rounds to nearest, ties away from zero.
float RoundedToTf32(float x) {
  return __uint_as_float((__float_as_uint(x) + 0x1000u) & 0xffffe000u);
}

// op(m) [rows, columns], column after column without gaps.
std::vector<float> Unpacked(const void* data,
                            const cublasLtMatrixLayoutOpaque_t& layout,
                            cublasOperation_t op, bool tf32) {
  const int64_t rows = op == CUBLAS_OP_N ? layout.rows : layout.columns;
  std::vector<float> out(static_cast<size_t>(layout.rows * layout.columns));
  for (int64_t j = 0; j < layout.columns; ++j) {
    for (int64_t i = 0; i < layout.rows; ++i) {
      const float x = Load(data, layout.type, i + j * layout.ld);
      out[op == CUBLAS_OP_N ? i + j * rows : j + i * rows] =
          tf32 ? RoundedToTf32(x) : x;
    }
  }
  return out;
}

// gelu and its derivative with the hyperbolic tangent.
constexpr double kRootTwoOverPi = 0.79788456080286535588;
double Tanh(double x) {
  return std::tanh(kRootTwoOverPi * (x + 0.044715 * x * x * x));
}
double Gelu(double x) { return 0.5 * x * (1.0 + Tanh(x)); }
double GeluDerivative(double x) {
  const double t = Tanh(x);
  return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * kRootTwoOverPi *
                               (1.0 + 3.0 * 0.044715 * x * x);
}

struct Matmul {
  cublasLtMatmulDescOpaque_t desc;
  cublasLtMatrixLayoutOpaque_t a_layout, b_layout, d_layout;
  float alpha, beta;
  const void *a, *b, *c;
  void* d;

  void Run() const {
    const DeviceAccess access;
    const Shape s = ShapeOf(desc, a_layout, b_layout, d_layout);
    const bool tf32 = desc.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
    const std::vector<float> op_a = Unpacked(a, a_layout, desc.op_a, tf32);
    const std::vector<float> op_b = Unpacked(b, b_layout, desc.op_b, tf32);
    std::vector<float> sums(static_cast<size_t>(s.m));
    for (int64_t j = 0; j < s.n; ++j) {
      std::fill(sums.begin(), sums.end(), 0.0f);
      for (int64_t k = 0; k < s.k; ++k) {
        const float y = op_b[k + j * s.k];
        const float* const x = &op_a[k * s.m];
        for (int64_t i = 0; i < s.m; ++i) {
          sums[i] = std::fma(x[i], y, sums[i]);
        }
      }
      for (int64_t i = 0; i < s.m; ++i) {
        const int64_t place = i + j * d_layout.ld;
        float x = alpha * sums[i];
        if (beta != 0.0f) x += beta * Load(c, d_layout.type, place);
        Store(Epilogue(x, i, j), d_layout.type, place, d);
      }
    }
  }

  float Epilogue(float x, int64_t i, int64_t j) const {
    const int64_t place = i + j * desc.aux_ld;
    switch (desc.epilogue) {
      case CUBLASLT_EPILOGUE_DEFAULT:
        return x;
      case CUBLASLT_EPILOGUE_BIAS:
        return x + Load(desc.bias, d_layout.type, i);
      case CUBLASLT_EPILOGUE_GELU_AUX_BIAS:
        x += Load(desc.bias, d_layout.type, i);
        Store(x, d_layout.type, place, desc.aux);
        return static_cast<float>(Gelu(x));
      case CUBLASLT_EPILOGUE_DGELU:
        return static_cast<float>(
            x * GeluDerivative(Load(desc.aux, d_layout.type, place)));
    }
    return x;
  }
};

bool Overlap(const void* x, int64_t x_bytes, const void* y, int64_t y_bytes) {
  const char* const p = static_cast<const char*>(x);
  const char* const q = static_cast<const char*>(y);
  return p < q + y_bytes && q < p + x_bytes;
}

void CheckEpilogue(const cublasLtMatmulDescOpaque_t& desc, const Shape& s) {
  if (desc.epilogue == CUBLASLT_EPILOGUE_BIAS ||
      desc.epilogue == CUBLASLT_EPILOGUE_GELU_AUX_BIAS) {
    Require(desc.bias != nullptr, "no bias");
  }
  if (desc.epilogue == CUBLASLT_EPILOGUE_GELU_AUX_BIAS ||
      desc.epilogue == CUBLASLT_EPILOGUE_DGELU) {
    Require(
        desc.aux != nullptr && reinterpret_cast<uintptr_t>(desc.aux) % 16 == 0,
        "the auxiliary array is missing or not aligned to 16 bytes");
    Require(desc.aux_ld >= s.m && desc.aux_ld % 8 == 0,
            "the auxiliary array's stride is wrong");
  }
}

}  // namespace

const char* cublasLtGetStatusString(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_NOT_SUPPORTED:
      return "CUBLAS_STATUS_NOT_SUPPORTED";
  }
  return "";
}
size_t cublasLtGetVersion() { return 0; }

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = new cublasLtContext();
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* desc,
                                        cublasComputeType_t compute,
                                        cudaDataType_t scale) {
  Require(scale == CUDA_R_32F, "alpha and beta must be in single precision");
  *desc = new cublasLtMatmulDescOpaque_t{compute};
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t desc) {
  delete desc;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(
    cublasLtMatmulDesc_t desc, cublasLtMatmulDescAttributes_t attribute,
    const void* value, size_t bytes) {
  switch (attribute) {
    case CUBLASLT_MATMUL_DESC_TRANSA:
      Read(value, bytes, &desc->op_a);
      break;
    case CUBLASLT_MATMUL_DESC_TRANSB:
      Read(value, bytes, &desc->op_b);
      break;
    case CUBLASLT_MATMUL_DESC_EPILOGUE:
      Read(value, bytes, &desc->epilogue);
      break;
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
      Read(value, bytes, &desc->bias);
      break;
    case CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER:
      Read(value, bytes, &desc->aux);
      break;
    case CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD:
      Read(value, bytes, &desc->aux_ld);
      break;
  }
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout,
                                          cudaDataType_t type, uint64_t rows,
                                          uint64_t columns, int64_t ld) {
  Require(rows > 0 && columns > 0 && ld >= static_cast<int64_t>(rows),
          "a layout's stride is below its rows");
  *layout = new cublasLtMatrixLayoutOpaque_t{type, static_cast<int64_t>(rows),
                                             static_cast<int64_t>(columns), ld};
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  delete layout;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceCreate(
    cublasLtMatmulPreference_t* preference) {
  *preference = new cublasLtMatmulPreferenceOpaque_t();
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(
    cublasLtMatmulPreference_t preference) {
  delete preference;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(
    cublasLtMatmulPreference_t preference,
    cublasLtMatmulPreferenceAttributes_t attribute, const void* value,
    size_t bytes) {
  switch (attribute) {
    case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES:
      Read(value, bytes, &preference->workspace_bytes);
      break;
    case CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK:
      Read(value, bytes, &preference->reduction_scheme);
      break;
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES:
      Read(value, bytes, &preference->alignment[0]);
      break;
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES:
      Read(value, bytes, &preference->alignment[1]);
      break;
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES:
      Read(value, bytes, &preference->alignment[2]);
      break;
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES:
      Read(value, bytes, &preference->alignment[3]);
      break;
  }
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(
    cublasLtHandle_t, cublasLtMatmulDesc_t desc, cublasLtMatrixLayout_t a,
    cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t, cublasLtMatrixLayout_t d,
    cublasLtMatmulPreference_t preference, int wanted,
    cublasLtMatmulHeuristicResult_t* results, int* found) {
  Require(wanted >= 1, "no algorithm is wanted");
  Require(
      preference->reduction_scheme == CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE,
      "sums by atomic operations are allowed");
  const Shape s = ShapeOf(*desc, *a, *b, *d);
  Require(a->type == b->type, "operands of two types");
  *found = 0;
  if (desc->compute == CUBLAS_COMPUTE_32F_PEDANTIC &&
      desc->epilogue != CUBLASLT_EPILOGUE_DEFAULT) {
    // Callers must live with either.
    return s.m % 16 == 0 ? CUBLAS_STATUS_NOT_SUPPORTED
                         : CUBLAS_STATUS_INVALID_VALUE;
  }
  if (preference->workspace_bytes < kWorkspaceBytes) {
    return CUBLAS_STATUS_SUCCESS;
  }
  Choice choice = {};
  choice.compute = static_cast<uint16_t>(desc->compute);
  choice.epilogue = static_cast<uint16_t>(desc->epilogue);
  choice.op_a = static_cast<uint16_t>(desc->op_a);
  choice.op_b = static_cast<uint16_t>(desc->op_b);
  choice.type_a = static_cast<uint16_t>(a->type);
  choice.type_d = static_cast<uint16_t>(d->type);
  for (int i = 0; i < 4; ++i) {
    choice.alignment[i] = static_cast<uint16_t>(preference->alignment[i]);
  }
  // There is no preference for these: the addresses that the description has by
  // now tell how they will be aligned.
  choice.alignment[4] = AlignmentOf(desc->bias);
  choice.alignment[5] = AlignmentOf(desc->aux);
  choice.m = static_cast<int32_t>(s.m);
  choice.n = static_cast<int32_t>(s.n);
  choice.k = static_cast<int32_t>(s.k);
  *results = {};
  std::memcpy(&results->algo, &choice, sizeof(choice));
  results->workspaceSize = kWorkspaceBytes;
  *found = 1;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t desc,
                              const void* alpha, const void* a,
                              cublasLtMatrixLayout_t a_layout, const void* b,
                              cublasLtMatrixLayout_t b_layout, const void* beta,
                              const void* c, cublasLtMatrixLayout_t c_layout,
                              void* d, cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t* algorithm,
                              void* workspace, size_t workspace_bytes,
                              cudaStream_t stream) {
  const Shape s = ShapeOf(*desc, *a_layout, *b_layout, *d_layout);
  Choice choice;
  std::memcpy(&choice, algorithm, sizeof(choice));
  Require(choice.compute == desc->compute &&
              choice.epilogue == desc->epilogue && choice.op_a == desc->op_a &&
              choice.op_b == desc->op_b && choice.type_a == a_layout->type &&
              choice.type_a == b_layout->type &&
              choice.type_d == d_layout->type && choice.m == s.m &&
              choice.n == s.n && choice.k == s.k,
          "the algorithm was chosen for another product");
  const void* const addresses[] = {a, b, c, d, desc->bias, desc->aux};
  for (int i = 0; i < 6; ++i) {
    Require(
        reinterpret_cast<uintptr_t>(addresses[i]) % choice.alignment[i] == 0,
        "an address is less aligned than the algorithm was told");
  }
  Require(workspace != nullptr && workspace_bytes >= kWorkspaceBytes,
          "the workspace is too small");
  Require(c == d && c_layout->ld == d_layout->ld &&
              c_layout->type == d_layout->type,
          "C is not D");
  Require(!Overlap(d, d_layout->extent(), a, a_layout->extent()) &&
              !Overlap(d, d_layout->extent(), b, b_layout->extent()),
          "the result overlaps an operand");
  CheckEpilogue(*desc, s);
  const Matmul matmul = {*desc,
                         *a_layout,
                         *b_layout,
                         *d_layout,
                         *static_cast<const float*>(alpha),
                         *static_cast<const float*>(beta),
                         a,
                         b,
                         c,
                         d};
  DoOnStream(stream, [matmul] { matmul.Run(); });
  return CUBLAS_STATUS_SUCCESS;
}
