#include "experiments/gpt2/net/cuda/elementwise.h"

#include <cstdint>
#include <vector>

#include "experiments/gpt2/net/cuda/device_testing.h"
#include "experiments/gpt2/net/cuda/dropout_parameters.h"
#include "experiments/gpt2/net/dropout.h"
#include "experiments/gpt2/net/gelu.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace cuda {
namespace {

struct Shape {
  int64_t rows, columns;
};
const Shape kShapes[] = {{1, 4}, {67, 32}, {5, 768}, {3, 1600}};

// exp(2 u) has u up to 25, with a rounding error of a few units in the last
// place, where the gate is closed; where it is half open u is about 1.
constexpr double kTolerance = 2e-6;

template <typename A>
class ElementwiseTest : public testing::Test {};
using Types = testing::Types<float, __nv_bfloat16>;
TYPED_TEST_SUITE(ElementwiseTest, Types);

TYPED_TEST(ElementwiseTest, GeluForwardLikeTheCpu) {
  using A = TypeParam;
  ThreadPool pool(1);
  for (const Shape& s : kShapes) {
    const int64_t n = s.rows * s.columns;
    const std::vector<A> x = RandomNumbers<A>(n, 1, 8.0);
    const std::vector<double> wide = Widened(x);
    std::vector<double> expected(wide.size());
    anisograd::GeluForward<double>(&pool, {wide.data(), s.rows, s.columns},
                                   {expected.data(), s.rows, s.columns});
    const auto dev_x = OnDevice(x);
    auto y = NewOnDevice<A>(n);
    ASSERT_OK(GeluForward<A>(nullptr, {dev_x.data(), s.rows, s.columns},
                             {y.data(), s.rows, s.columns}));
    ExpectNear("y", OnHost(y), expected, kTolerance);
  }
}

TYPED_TEST(ElementwiseTest, GeluBackwardLikeTheCpuAndInPlace) {
  using A = TypeParam;
  ThreadPool pool(1);
  for (const Shape& s : kShapes) {
    const int64_t n = s.rows * s.columns;
    const std::vector<A> x = RandomNumbers<A>(n, 1, 8.0);
    const std::vector<A> dy = RandomNumbers<A>(n, 2);
    const std::vector<double> wide_x = Widened(x), wide_dy = Widened(dy);
    std::vector<double> expected(wide_x.size());
    anisograd::GeluBackward<double>(
        &pool, {wide_dy.data(), s.rows, s.columns},
        {wide_x.data(), s.rows, s.columns},
        {expected.data(), s.rows, s.columns});
    const auto dev_x = OnDevice(x);
    auto in_place = OnDevice(dy);
    const auto dev_dy = OnDevice(dy);
    auto dx = NewOnDevice<A>(n);
    ASSERT_OK(GeluBackward<A>(nullptr, {dev_dy.data(), s.rows, s.columns},
                              {dev_x.data(), s.rows, s.columns},
                              {dx.data(), s.rows, s.columns}));
    ExpectNear("dx", OnHost(dx), expected, kTolerance);
    ASSERT_OK(GeluBackward<A>(nullptr, {in_place.data(), s.rows, s.columns},
                              {dev_x.data(), s.rows, s.columns},
                              {in_place.data(), s.rows, s.columns}));
    EXPECT_TRUE(SameBits(OnHost(dx), OnHost(in_place)));
  }
}

TYPED_TEST(ElementwiseTest, BiasIsAddedToEveryRow) {
  using A = TypeParam;
  for (const Shape& s : kShapes) {
    const std::vector<A> x = RandomNumbers<A>(s.rows * s.columns, 1);
    const std::vector<A> bias = RandomNumbers<A>(s.columns, 2);
    std::vector<double> expected = Widened(x);
    for (size_t i = 0; i < expected.size(); ++i) {
      expected[i] += Wide(bias[i % bias.size()]);
    }
    auto dev_x = OnDevice(x);
    const auto dev_bias = OnDevice(bias);
    ASSERT_OK(AddBias<A>(nullptr, dev_bias.data(),
                         {dev_x.data(), s.rows, s.columns}));
    ExpectNear("sum", OnHost(dev_x), expected, 1e-7);
  }
}

TEST(Elementwise, DropoutDropsWhatTheCpuDrops) {
  ThreadPool pool(1);
  for (const Shape& s : kShapes) {
    for (const double p : {0.0, 0.1, 0.5}) {
      const Dropout dropout({12, 3}, 5, DropoutSite::kAttentionResidual, p);
      const int64_t n = s.rows * s.columns, first_row = 1001;
      std::vector<float> x = RandomNumbers<float>(n, 1);
      auto dev_x = OnDevice(x);
      ASSERT_OK(ApplyDropout(nullptr, DropoutParameters(dropout), first_row,
                             {dev_x.data(), s.rows, s.columns}));
      anisograd::ApplyDropout<float>(&pool, dropout, first_row,
                                     {x.data(), s.rows, s.columns});
      // One product by the same factor.
      EXPECT_TRUE(SameBits(x, OnHost(dev_x))) << s.columns << " " << p;
    }
  }
}

TEST(Elementwise, RoundsToNearestEven) {
  std::vector<float> x = RandomNumbers<float>(1028, 1);
  // 1 and a quarter, a half, three quarters of bf16's last place; the half of
  // an odd number.
  x[0] = 1.0f + 0x1p-9f;
  x[1] = 1.0f + 0x1p-8f;
  x[2] = 1.0f + 0x1.8p-8f;
  x[3] = 1.0f + 0x1.8p-7f;
  const auto dev_x = OnDevice(x);
  auto out = NewOnDevice<__nv_bfloat16>(1028);
  ASSERT_OK(RoundToBf16(nullptr, 1028, dev_x.data(), out.data()));
  const std::vector<__nv_bfloat16> rounded = OnHost(out);
  EXPECT_EQ(Wide(rounded[0]), 1.0);
  EXPECT_EQ(Wide(rounded[1]), 1.0);
  EXPECT_EQ(Wide(rounded[2]), 1.0 + 0x1p-7);
  EXPECT_EQ(Wide(rounded[3]), 1.0 + 0x1p-6);
  ExpectNear("rounded", rounded, Widened(x), 0.0);
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
