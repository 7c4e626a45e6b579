// The products of a training step of GPT-2 124M, and the square one that they
// are measured against (`square`). share_of_product is the rate over the square
// one's in the same arithmetic. The head's products take `rows` tokens at a
// time: 2,048 is the model's default.

#include <cuda_bf16.h>

#include <cstdint>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "experiments/gpt2/net/cuda/matrix_product.h"
#include "tools/base/status_macros.h"
#include "tools/bench/cuda/device_benchmark.h"
#include "tools/bench/cuda/device_inputs.h"
#include "tools/bench/cuda/product_rate.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/launch.cuh"

namespace anisograd {
namespace cuda {
namespace {

constexpr int64_t kWidth = kEmulated ? 16 : 768;
// Rounded up to a multiple of eight, as the model's head multiplies.
constexpr int64_t kVocabulary = kEmulated ? 56 : 50264;

// c [m, n] = op(a) op(b), summed over k.
struct Product {
  std::string name;
  int64_t m, k, n;
  Op op_a, op_b;
  Epilogue epilogue = Epilogue::kNone;
  // The result is in single precision whatever the factors are: logits, and
  // gradients of weights, which it is added to.
  Into into = Into::kOverwrite;
  bool wide = false;
  // Of MatrixMultiplier::Create().
  bool fuse_gelu = false;

  bool has_gelu() const {
    return epilogue == Epilogue::kBiasGelu ||
           epilogue == Epilogue::kGeluGradient;
  }
};

// y = x W + b and its way back, for x [tokens, inputs].
void AddLinear(const std::string& name, int64_t tokens, int64_t inputs,
               int64_t outputs, Epilogue forward, Epilogue input_gradient,
               std::vector<Product>* products) {
  products->push_back({name + "/forward", tokens, inputs, outputs, Op::kAsIs,
                       Op::kAsIs, forward});
  products->push_back({name + "/input_gradient", tokens, outputs, inputs,
                       Op::kAsIs, Op::kTransposed, input_gradient});
  products->push_back({name + "/weight_gradient", inputs, tokens, outputs,
                       Op::kTransposed, Op::kAsIs, Epilogue::kNone, Into::kAdd,
                       true});
}

std::vector<Product> BlockProducts(int64_t tokens) {
  std::vector<Product> products;
  AddLinear("qkv", tokens, kWidth, 3 * kWidth, Epilogue::kBias, Epilogue::kNone,
            &products);
  AddLinear("attention_projection", tokens, kWidth, kWidth, Epilogue::kBias,
            Epilogue::kNone, &products);
  AddLinear("feed_forward", tokens, kWidth, 4 * kWidth, Epilogue::kBiasGelu,
            Epilogue::kNone, &products);
  AddLinear("feed_forward_projection", tokens, 4 * kWidth, kWidth,
            Epilogue::kBias, Epilogue::kGeluGradient, &products);
  return products;
}

std::vector<Product> HeadProducts(int64_t rows) {
  return {
      {"head/forward", rows, kWidth, kVocabulary, Op::kAsIs, Op::kTransposed,
       Epilogue::kNone, Into::kOverwrite, true},
      {"head/input_gradient", rows, kVocabulary, kWidth, Op::kAsIs, Op::kAsIs},
      {"head/weight_gradient", kVocabulary, rows, kWidth, Op::kTransposed,
       Op::kAsIs, Epilogue::kNone, Into::kAdd, true}};
}

template <typename T>
struct Matrix {
  DeviceBuffer<T> buffer;
  MatrixView<T> view;

  static absl::StatusOr<Matrix> Random(int64_t rows, int64_t columns) {
    Matrix m;
    ASSIGN_OR_RETURN(m.buffer, RandomOnDevice<T>(rows * columns));
    m.view = {m.buffer.data(), rows, columns};
    return m;
  }
  // Stored as `op` makes rows x columns of it.
  static absl::StatusOr<Matrix> Random(Op op, int64_t rows, int64_t columns) {
    return op == Op::kAsIs ? Random(rows, columns) : Random(columns, rows);
  }
};

template <typename A, typename C>
absl::Status Run(benchmark::State& state, Arithmetic arithmetic,
                 const Product& p) {
  ASSIGN_OR_RETURN(const double rate, ProductRate(arithmetic));
  ASSIGN_OR_RETURN(
      auto multiplier,
      MatrixMultiplier::Create(SinglePrecisionOf(arithmetic), p.fuse_gelu));
  ASSIGN_OR_RETURN(auto a, Matrix<A>::Random(p.op_a, p.m, p.k));
  ASSIGN_OR_RETURN(auto b, Matrix<A>::Random(p.op_b, p.k, p.n));
  ASSIGN_OR_RETURN(auto c, Matrix<C>::Random(p.m, p.n));
  ASSIGN_OR_RETURN(auto bias, RandomOnDevice<C>(p.n));
  ASSIGN_OR_RETURN(auto pre, RandomOnDevice<C>(p.has_gelu() ? p.m * p.n : 0));
  const EpilogueArguments<C> epilogue = {p.epilogue, bias.data(), pre.data()};
  MeasureFlopsOnDevice(state,
                       2.0 * static_cast<double>(p.m) *
                           static_cast<double>(p.k) * static_cast<double>(p.n),
                       rate, [&](cudaStream_t stream) {
                         return multiplier.Multiply<A, C>(
                             stream, p.op_a, a.view, p.op_b, b.view, p.into,
                             epilogue, c.view);
                       });
  return absl::OkStatus();
}

void Register(Arithmetic arithmetic, const std::string& size,
              const Product& p) {
  const std::string name = std::string("Product/") +
                           ArithmeticName(arithmetic) + "/" + p.name +
                           (p.fuse_gelu ? "/gelu_fused" : "") + "/" + size;
  benchmark::RegisterBenchmark(
      name.c_str(),
      [arithmetic, p](benchmark::State& state) {
        using Bf16 = __nv_bfloat16;
        SkipUnlessOk(state, arithmetic != Arithmetic::kBf16
                                ? Run<float, float>(state, arithmetic, p)
                            : p.wide ? Run<Bf16, float>(state, arithmetic, p)
                                     : Run<Bf16, Bf16>(state, arithmetic, p));
      })
      ->Apply(TimedOnDevice);
}

// Those with gelu twice in bf16: by a kernel of its own, and by the library.
void Register(Arithmetic arithmetic, const char* size_name, int64_t size,
              std::vector<Product> products) {
  for (Product& p : products) {
    const std::string at = size_name + (":" + std::to_string(size));
    Register(arithmetic, at, p);
    if (!p.has_gelu() || arithmetic != Arithmetic::kBf16) continue;
    p.fuse_gelu = true;
    Register(arithmetic, at, p);
  }
}

bool RegisterAll() {
  constexpr int64_t kSquare = kEmulated ? 32 : 8192;
  constexpr int64_t kTokens = kEmulated ? 24 : 16384;
  constexpr int64_t kFewTokens = kEmulated ? 16 : 4096;
  constexpr int64_t kRows = kEmulated ? 8 : 2048;
  constexpr int64_t kManyRows = kEmulated ? 16 : 8192;
  for (const Arithmetic arithmetic :
       {Arithmetic::kBf16, Arithmetic::kTf32, Arithmetic::kFloat32}) {
    Register(arithmetic, "size", kSquare,
             {{"square", kSquare, kSquare, kSquare, Op::kAsIs, Op::kAsIs}});
    Register(arithmetic, "tokens", kTokens, BlockProducts(kTokens));
    Register(arithmetic, "rows", kRows, HeadProducts(kRows));
  }
  Register(Arithmetic::kBf16, "tokens", kFewTokens, BlockProducts(kFewTokens));
  Register(Arithmetic::kBf16, "rows", kManyRows, HeadProducts(kManyRows));
  return true;
}
const bool kRegistered = RegisterAll();

}  // namespace
}  // namespace cuda
}  // namespace anisograd
