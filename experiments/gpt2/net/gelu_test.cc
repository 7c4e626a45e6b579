#include "experiments/gpt2/net/gelu.h"

#include <cmath>

#include "experiments/gpt2/net/gradient_check.h"
#include "gtest/gtest.h"
#include "tools/base/isa_testing.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

class GeluTest : public IsaTest {};
ANISOGRAD_FOR_EACH_ISA(GeluTest);

double Gelu(double x) {
  constexpr double kPi = 3.14159265358979323846;
  return 0.5 * x *
         (1.0 + std::tanh(std::sqrt(2.0 / kPi) * (x + 0.044715 * x * x * x)));
}

TEST_P(GeluTest, ForwardIsGeluNew) {
  ThreadPool pool(2);
  for (const int64_t columns : {1, 5, 16, 37}) {
    TestMatrix<double> x(3, columns, 1), y(3, columns);
    for (double& v : x.span()) v *= 8.0;
    GeluForward<double>(&pool, x.view(), y.view());
    for (size_t i = 0; i < x.span().size(); ++i) {
      ASSERT_NEAR(y.span()[i], Gelu(x.span()[i]), 1e-13);
    }
  }
}

TEST_P(GeluTest, FarOutItIsZeroOrTheIdentity) {
  ThreadPool pool(1);
  TestMatrix<float> x(1, 3), y(1, 3), dx(1, 3), up(1, 3);
  x.at(0, 0) = -1e4f;
  x.at(0, 1) = 1e4f;
  x.at(0, 2) = 0.0f;
  for (float& u : up.span()) u = 1.0f;
  GeluForward<float>(&pool, x.view(), y.view());
  EXPECT_EQ(y.at(0, 0), 0.0f);
  EXPECT_EQ(y.at(0, 1), 1e4f);
  EXPECT_EQ(y.at(0, 2), 0.0f);
  GeluBackward<float>(&pool, up.view(), x.view(), dx.view());
  EXPECT_EQ(dx.at(0, 0), 0.0f);
  EXPECT_EQ(dx.at(0, 1), 1.0f);
  EXPECT_EQ(dx.at(0, 2), 0.5f);
}

TEST_P(GeluTest, HasTheSameBitsOnEachIsa) {
  ThreadPool pool(1);
  for (int64_t n = 1; n <= 70; ++n) {
    TestMatrix<float> x(1, n, 1);
    for (float& v : x.span()) v *= 6.0f;
    const TestMatrix<float> up(1, n, 2);
    TestMatrix<float> y(1, n), dx(1, n), avx2_y(1, n), avx2_dx(1, n);
    GeluForward<float>(&pool, x.view(), y.view());
    GeluBackward<float>(&pool, up.view(), x.view(), dx.view());
    UseIsa(Isa::kAvx2);
    GeluForward<float>(&pool, x.view(), avx2_y.view());
    GeluBackward<float>(&pool, up.view(), x.view(), avx2_dx.view());
    UseIsa(GetParam());
    ASSERT_EQ(y.values(), avx2_y.values());
    ASSERT_EQ(dx.values(), avx2_dx.values());
  }
}

TEST_P(GeluTest, GradientAgainstFiniteDifferences) {
  ThreadPool pool(2);
  TestMatrix<double> x(3, 21, 1);
  for (double& v : x.span()) v *= 4.0;
  const TestMatrix<double> up(3, 21, 2);
  const auto loss = [&] {
    TestMatrix<double> y(3, 21);
    GeluForward<double>(&pool, x.view(), y.view());
    return InnerProduct(up, y);
  };
  TestMatrix<double> dx(3, 21);
  GeluBackward<double>(&pool, up.view(), x.view(), dx.view());
  ExpectGradient("x", x.span(), loss, dx.span());
  // In place.
  TestMatrix<double> in_place(3, 21, 2);
  GeluBackward<double>(&pool, in_place.view(), x.view(), in_place.view());
  EXPECT_EQ(in_place.values(), dx.values());
}

}  // namespace
}  // namespace anisograd
