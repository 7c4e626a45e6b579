#include "experiments/gpt2/net/cuda/matrix_product.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "experiments/gpt2/net/cuda/device_testing.h"
#include "experiments/gpt2/net/gelu.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/base/thread_pool.h"
#include "tools/cuda/emulated.h"

namespace anisograd {
namespace cuda {
namespace {

template <typename A_, typename C_>
struct Pair {
  using A = A_;
  using C = C_;
};
template <typename P>
class MatrixProductTest : public testing::Test {};
using Types =
    testing::Types<Pair<float, float>, Pair<__nv_bfloat16, __nv_bfloat16>,
                   Pair<__nv_bfloat16, float>>;
TYPED_TEST_SUITE(MatrixProductTest, Types);

struct Shape {
  int64_t m, n, k;
};
const Shape kShapes[] = {{16, 24, 8}, {40, 72, 64}, {8, 64, 136}};

// At most 136 products below 1, in single precision.
constexpr double kTolerance = 2e-5;

// One product on the device beside the same in double on the CPU. Rows of the
// operands are `gap` elements apart.
template <typename A, typename C>
struct Case {
  Case(Shape s, Op op_a, Op op_b, int64_t gap) : s(s), op_a(op_a), op_b(op_b) {
    rows_a = op_a == Op::kAsIs ? s.m : s.k;
    columns_a = op_a == Op::kAsIs ? s.k : s.m;
    rows_b = op_b == Op::kAsIs ? s.k : s.n;
    columns_b = op_b == Op::kAsIs ? s.n : s.k;
    stride_a = columns_a + gap;
    stride_b = columns_b + gap;
    a = RandomNumbers<A>(rows_a * stride_a, 1);
    b = RandomNumbers<A>(rows_b * stride_b, 2);
    bias = RandomNumbers<C>(s.n, 3);
    old = RandomNumbers<C>(s.m * s.n, 4);
    pre = RandomNumbers<C>(s.m * s.n, 5);
    const std::vector<double> wide_a = Widened(a), wide_b = Widened(b);
    product.resize(static_cast<size_t>(s.m * s.n));
    ThreadPool pool(1);
    ParallelMultiply<double>(&pool, op_a,
                             {wide_a.data(), rows_a, columns_a, stride_a}, op_b,
                             {wide_b.data(), rows_b, columns_b, stride_b},
                             Into::kOverwrite, {product.data(), s.m, s.n});
  }

  // c; leaves `pre` as the device left it.
  std::vector<C> OnTheDevice(MatrixMultiplier* multiplier, Into into,
                             Epilogue kind) {
    const auto dev_a = OnDevice(a), dev_b = OnDevice(b);
    const auto dev_bias = OnDevice(bias);
    auto dev_pre = OnDevice(pre), dev_c = OnDevice(old);
    EpilogueArguments<C> epilogue;
    epilogue.kind = kind;
    epilogue.bias = dev_bias.data();
    epilogue.pre = dev_pre.data();
    const absl::Status status = multiplier->Multiply<A, C>(
        nullptr, op_a, {dev_a.data(), rows_a, columns_a, stride_a}, op_b,
        {dev_b.data(), rows_b, columns_b, stride_b}, into, epilogue,
        {dev_c.data(), s.m, s.n});
    EXPECT_TRUE(status.ok()) << status;
    pre = OnHost(dev_pre);
    return OnHost(dev_c);
  }

  Shape s;
  Op op_a, op_b;
  int64_t rows_a, columns_a, stride_a, rows_b, columns_b, stride_b;
  std::vector<A> a, b;
  std::vector<C> bias, old, pre;
  std::vector<double> product;
};

MatrixMultiplier NewMultiplier(SinglePrecision precision,
                               std::optional<bool> fuse_gelu = std::nullopt) {
  auto multiplier = MatrixMultiplier::Create(precision, fuse_gelu);
  DieUnlessOk(multiplier.status());
  return std::move(multiplier).value();
}

TYPED_TEST(MatrixProductTest, EveryOrientationLikeTheCpu) {
  using A = typename TypeParam::A;
  using C = typename TypeParam::C;
  MatrixMultiplier multiplier = NewMultiplier(SinglePrecision::kFloat32);
  for (const Shape& s : kShapes) {
    for (const Op op_a : {Op::kAsIs, Op::kTransposed}) {
      for (const Op op_b : {Op::kAsIs, Op::kTransposed}) {
        for (const Into into : {Into::kOverwrite, Into::kAdd}) {
          Case<A, C> x(s, op_a, op_b, 8);
          std::vector<double> expected = x.product;
          if (into == Into::kAdd) {
            const std::vector<double> old = Widened(x.old);
            for (size_t i = 0; i < old.size(); ++i) expected[i] += old[i];
          }
          const auto c = x.OnTheDevice(&multiplier, into, Epilogue::kNone);
          ExpectNear("c", c, expected, kTolerance);
          EXPECT_TRUE(
              SameBits(c, x.OnTheDevice(&multiplier, into, Epilogue::kNone)));
        }
      }
    }
  }
}

TYPED_TEST(MatrixProductTest, EpiloguesLikeTheCpu) {
  using A = typename TypeParam::A;
  using C = typename TypeParam::C;
  ThreadPool pool(1);
  // Where the library does not have the epilogue, what goes into it has been
  // rounded to C once before; gelu's slope is at most 1.13.
  for (const bool fuse_gelu : {false, true}) {
    MatrixMultiplier multiplier =
        NewMultiplier(SinglePrecision::kFloat32, fuse_gelu);
    for (const Shape& s : kShapes) {
      Case<A, C> x(s, Op::kAsIs, Op::kAsIs, 0);
      std::vector<double> sum = x.product;
      double largest = 0.0;
      for (size_t i = 0; i < sum.size(); ++i) {
        sum[i] += Wide(x.bias[i % static_cast<size_t>(s.n)]);
        largest = std::fmax(largest, std::fabs(sum[i]));
        largest = std::fmax(largest, std::fabs(x.product[i]));
      }
      const double tolerance =
          kTolerance + 1.2 * RoundingError(C()) * std::fmax(1.0, largest);
      ExpectNear("bias",
                 x.OnTheDevice(&multiplier, Into::kOverwrite, Epilogue::kBias),
                 sum, tolerance);
      if (std::is_same<A, C>::value) {
        // The gradient first: it reads `pre`, which the other one overwrites.
        const std::vector<double> pre = Widened(x.pre);
        std::vector<double> gradient(sum.size()), gelu(sum.size());
        anisograd::GeluBackward<double>(&pool, {x.product.data(), s.m, s.n},
                                        {pre.data(), s.m, s.n},
                                        {gradient.data(), s.m, s.n});
        ExpectNear("gradient",
                   x.OnTheDevice(&multiplier, Into::kOverwrite,
                                 Epilogue::kGeluGradient),
                   gradient, tolerance);
        anisograd::GeluForward<double>(&pool, {sum.data(), s.m, s.n},
                                       {gelu.data(), s.m, s.n});
        ExpectNear(
            "gelu",
            x.OnTheDevice(&multiplier, Into::kOverwrite, Epilogue::kBiasGelu),
            gelu, tolerance);
        ExpectNear("pre", x.pre, sum, tolerance);
      }
    }
  }
}

// The library looks at the bias' address when it chooses an algorithm.
TEST(MatrixProduct, BiasesMayBeAlignedDifferently) {
  using A = __nv_bfloat16;
  constexpr int64_t kM = 16, kN = 24, kK = 8;
  const auto a = OnDevice(RandomNumbers<A>(kM * kK, 1));
  const auto b = OnDevice(RandomNumbers<A>(kK * kN, 2));
  // 16 bytes apart, so that one of them is no multiple of 32.
  const auto biases = OnDevice(RandomNumbers<A>(kN + 8, 3));
  const auto product = [&](MatrixMultiplier* multiplier, int64_t offset) {
    auto c = NewOnDevice<A>(kM * kN);
    EpilogueArguments<A> epilogue;
    epilogue.kind = Epilogue::kBias;
    epilogue.bias = biases.data() + offset;
    const absl::Status status = multiplier->Multiply<A, A>(
        nullptr, Op::kAsIs, {a.data(), kM, kK}, Op::kAsIs, {b.data(), kK, kN},
        Into::kOverwrite, epilogue, {c.data(), kM, kN});
    EXPECT_TRUE(status.ok()) << status;
    return OnHost(c);
  };
  // Either may be the better aligned one, and comes first once.
  MatrixMultiplier ascending = NewMultiplier(SinglePrecision::kFloat32);
  MatrixMultiplier descending = NewMultiplier(SinglePrecision::kFloat32);
  const auto first = product(&ascending, 0);
  const auto second = product(&ascending, 8);
  EXPECT_TRUE(SameBits(second, product(&descending, 8)));
  EXPECT_TRUE(SameBits(first, product(&descending, 0)));
}

// TF32 is what the library may use, and small or odd products are faster
// without: of whole tiles of any of its kernels, and twice the 512 from which on
// it is said to take it.
TEST(MatrixProduct, Tf32RoundsItsFactors) {
  constexpr int64_t kSize = kEmulated ? 512 : 1024;
  MatrixMultiplier multiplier = NewMultiplier(SinglePrecision::kTf32);
  Case<float, float> x({kSize, kSize, kSize}, Op::kAsIs, Op::kAsIs, 0);
  const auto c = x.OnTheDevice(&multiplier, Into::kOverwrite, Epilogue::kNone);
  double largest = 0.0;
  for (size_t i = 0; i < c.size(); ++i) {
    largest = std::fmax(largest, std::fabs(c[i] - x.product[i]));
  }
  // Each product is wrong by at most 2 * 2^-10 (truncated factors), single
  // precision by kSize * 2^-24 of the sum at the most.
  EXPECT_LT(largest, kSize * 0x1p-9);
  EXPECT_GT(largest, 1e-3);
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
