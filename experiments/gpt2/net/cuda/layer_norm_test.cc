#include "experiments/gpt2/net/cuda/layer_norm.h"

#include <cstdint>
#include <vector>

#include "experiments/gpt2/net/cuda/column_sums.h"
#include "experiments/gpt2/net/cuda/device_testing.h"
#include "experiments/gpt2/net/cuda/dropout_parameters.h"
#include "experiments/gpt2/net/dropout.h"
#include "experiments/gpt2/net/layer_norm.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace cuda {
namespace {

constexpr double kEpsilon = 1e-5;
constexpr int64_t kFirstRow = 77;

struct Shape {
  int64_t rows, width;
};
// Every number of quads that a lane holds: 1, 2, 4, 6, 8, 16. Rows fill neither
// blocks of 4 nor pieces of 64.
const Shape kShapes[] = {{1, 4},   {67, 32},  {130, 132}, {5, 512},
                         {7, 768}, {3, 1024}, {5, 1600},  {2, 2048}};

Dropout SomeDropout(double p) {
  return Dropout({5, 9}, 3, DropoutSite::kFeedForwardResidual, p);
}

template <typename A>
class LayerNormTest : public testing::Test {};
using Types = testing::Types<float, __nv_bfloat16>;
TYPED_TEST_SUITE(LayerNormTest, Types);

template <typename A>
struct ForwardOutcome {
  std::vector<float> x, mean, rstd;
  std::vector<A> y;
};

// x is x_in where `in_place`; without a branch where `branch` is empty.
template <typename A>
ForwardOutcome<A> Forward(const Shape& s, const std::vector<float>& x_in,
                          const std::vector<A>& branch, const Dropout& dropout,
                          const std::vector<float>& gamma,
                          const std::vector<float>& beta, bool in_place) {
  const int64_t n = s.rows * s.width;
  auto dev_x_in = OnDevice(x_in);
  auto x = NewOnDevice<float>(n);
  auto y = NewOnDevice<A>(n);
  auto mean = NewOnDevice<float>(s.rows), rstd = NewOnDevice<float>(s.rows);
  const auto dev_gamma = OnDevice(gamma);
  const auto dev_beta = OnDevice(beta);
  DeviceBuffer<A> dev_branch;
  if (!branch.empty()) dev_branch = OnDevice(branch);
  DeviceBuffer<float>* const out = in_place ? &dev_x_in : &x;
  DieUnlessOk(LayerNormForward<A>(
      nullptr, {dev_x_in.data(), s.rows, s.width},
      {dev_branch.data(), s.rows, s.width}, DropoutParameters(dropout),
      kFirstRow, dev_gamma.data(), dev_beta.data(),
      static_cast<float>(kEpsilon), {out->data(), s.rows, s.width},
      {y.data(), s.rows, s.width}, mean.data(), rstd.data()));
  return {OnHost(*out), OnHost(mean), OnHost(rstd), OnHost(y)};
}

// Sums over a row are of `width` numbers of about 1, at most 64 of them by one
// lane and the rest as a tree, so their means are right to a few units in the
// last place of single precision; rstd is about 1.
constexpr double kForwardTolerance = 4e-6;

TYPED_TEST(LayerNormTest, ForwardLikeTheCpu) {
  using A = TypeParam;
  ThreadPool pool(1);
  for (const Shape& s : kShapes) {
    for (const double p : {0.0, 0.1}) {
      SCOPED_TRACE(testing::Message() << s.width << " " << p);
      const int64_t n = s.rows * s.width;
      const std::vector<float> x_in = RandomNumbers<float>(n, 1, 2.0);
      const std::vector<A> branch = RandomNumbers<A>(n, 2);
      const std::vector<float> gamma = RandomNumbers<float>(s.width, 3);
      const std::vector<float> beta = RandomNumbers<float>(s.width, 4);
      const Dropout dropout = SomeDropout(p);

      std::vector<double> x = Widened(branch);
      anisograd::ApplyDropout<double>(&pool, dropout, kFirstRow,
                                      {x.data(), s.rows, s.width});
      const std::vector<double> added = x;
      for (size_t j = 0; j < x.size(); ++j) x[j] += Wide(x_in[j]);
      std::vector<double> y(x.size()), mean(static_cast<size_t>(s.rows));
      std::vector<double> rstd = mean;
      anisograd::LayerNormForward<double>(
          &pool, {x.data(), s.rows, s.width}, Widened(gamma).data(),
          Widened(beta).data(), kEpsilon, {y.data(), s.rows, s.width},
          mean.data(), rstd.data());

      const ForwardOutcome<A> actual =
          Forward<A>(s, x_in, branch, dropout, gamma, beta, false);
      ExpectNear("x", actual.x, x, 3e-7);
      ExpectNear("y", actual.y, y, kForwardTolerance);
      ExpectNear("mean", actual.mean, mean, 1e-6);
      ExpectNear("rstd", actual.rstd, rstd, kForwardTolerance);
      // Exactly the dropped elements leave x_in as it is.
      for (size_t j = 0; j < x.size(); ++j) {
        if (added[j] == 0.0) {
          ASSERT_EQ(actual.x[j], x_in[j]) << j;
        }
      }
      const ForwardOutcome<A> in_place =
          Forward<A>(s, x_in, branch, dropout, gamma, beta, true);
      EXPECT_TRUE(SameBits(actual.x, in_place.x));
      EXPECT_TRUE(SameBits(actual.y, in_place.y));
      EXPECT_TRUE(SameBits(actual.mean, in_place.mean));
      EXPECT_TRUE(SameBits(actual.rstd, in_place.rstd));

      // What was added is normalised alike when nothing is added.
      const ForwardOutcome<A> alone =
          Forward<A>(s, actual.x, {}, dropout, gamma, beta, false);
      EXPECT_TRUE(SameBits(actual.y, alone.y));
      EXPECT_EQ(alone.x, std::vector<float>(alone.x.size(), 0.0f));
    }
  }
}

template <typename A>
struct BackwardOutcome {
  std::vector<float> dx, dgamma, dbeta;
  std::vector<A> dbranch;
};

template <typename A>
struct BackwardInput {
  BackwardInput(ThreadPool* pool, const Shape& s)
      : x(RandomNumbers<float>(s.rows * s.width, 1, 2.0)),
        gamma(RandomNumbers<float>(s.width, 2)),
        dx(RandomNumbers<float>(s.rows * s.width, 3)),
        dgamma(RandomNumbers<float>(s.width, 4)),
        dbeta(RandomNumbers<float>(s.width, 5)),
        dy(RandomNumbers<A>(s.rows * s.width, 6)) {
    const std::vector<double> wide = Widened(x), beta(gamma.size(), 0.0);
    std::vector<double> y(x.size()), m(static_cast<size_t>(s.rows)), r = m;
    anisograd::LayerNormForward<double>(
        pool, {wide.data(), s.rows, s.width}, Widened(gamma).data(),
        beta.data(), kEpsilon, {y.data(), s.rows, s.width}, m.data(), r.data());
    for (size_t i = 0; i < m.size(); ++i) {
      mean.push_back(static_cast<float>(m[i]));
      rstd.push_back(static_cast<float>(r[i]));
    }
  }
  // dx, dgamma and dbeta are what stands there before.
  std::vector<float> x, gamma, mean, rstd, dx, dgamma, dbeta;
  std::vector<A> dy;
};

enum class Branch { kNone, kApart, kInPlaceOfDy };

template <typename A>
BackwardOutcome<A> Backward(const Shape& s, const BackwardInput<A>& in,
                            const Dropout& dropout, bool add, Branch branch) {
  const auto x = OnDevice(in.x);
  const auto gamma = OnDevice(in.gamma);
  const auto mean = OnDevice(in.mean);
  const auto rstd = OnDevice(in.rstd);
  auto dy = OnDevice(in.dy);
  auto dx = OnDevice(in.dx);
  auto dgamma = OnDevice(in.dgamma);
  auto dbeta = OnDevice(in.dbeta);
  auto apart = NewOnDevice<A>(s.rows * s.width);
  auto workspace = NewOnDevice<float>(LayerNormWorkspace(s.rows, s.width));
  DeviceBuffer<A>* const out = branch == Branch::kInPlaceOfDy ? &dy : &apart;
  DieUnlessOk(LayerNormBackward<A>(
      nullptr, {dy.data(), s.rows, s.width}, {x.data(), s.rows, s.width},
      gamma.data(), mean.data(), rstd.data(), add, DropoutParameters(dropout),
      kFirstRow, workspace.data(), {dx.data(), s.rows, s.width},
      {branch == Branch::kNone ? nullptr : out->data(), s.rows, s.width},
      dgamma.data(), dbeta.data()));
  return {OnHost(dx), OnHost(dgamma), OnHost(dbeta), OnHost(*out)};
}

TYPED_TEST(LayerNormTest, BackwardLikeTheCpu) {
  using A = TypeParam;
  ThreadPool pool(1);
  const Dropout dropout = SomeDropout(0.1);
  for (const Shape& s : kShapes) {
    const BackwardInput<A> in(&pool, s);
    for (const bool add : {true, false}) {
      SCOPED_TRACE(testing::Message() << s.width << " " << add);
      std::vector<double> dx = Widened(in.dx), dgamma = Widened(in.dgamma);
      std::vector<double> dbeta = Widened(in.dbeta);
      if (!add) dx.assign(dx.size(), 0.0);
      anisograd::LayerNormBackward<double>(
          &pool, {Widened(in.dy).data(), s.rows, s.width},
          {Widened(in.x).data(), s.rows, s.width}, Widened(in.gamma).data(),
          Widened(in.mean).data(), Widened(in.rstd).data(),
          {dx.data(), s.rows, s.width}, dgamma.data(), dbeta.data());
      std::vector<double> dbranch = dx;
      anisograd::ApplyDropout<double>(&pool, dropout, kFirstRow,
                                      {dbranch.data(), s.rows, s.width});

      const BackwardOutcome<A> actual =
          Backward<A>(s, in, dropout, add, Branch::kApart);
      // As on the way forward. Sums over 130 rows reach 10 or so; dy in bf16
      // is what the CPU gets, and sums are in single precision: one tolerance.
      ExpectNear("dx", actual.dx, dx, 4e-6);
      ExpectNear("dgamma", actual.dgamma, dgamma, 4e-6);
      ExpectNear("dbeta", actual.dbeta, dbeta, 4e-6);
      ExpectNear("dbranch", actual.dbranch, dbranch, 5e-6);
      for (size_t j = 0; j < dbranch.size(); ++j) {
        ASSERT_EQ(Wide(actual.dbranch[j]) == 0.0, dbranch[j] == 0.0) << j;
      }
      if (add) {
        const BackwardOutcome<A> in_place =
            Backward<A>(s, in, dropout, add, Branch::kInPlaceOfDy);
        EXPECT_TRUE(SameBits(actual.dx, in_place.dx));
        EXPECT_TRUE(SameBits(actual.dgamma, in_place.dgamma));
        EXPECT_TRUE(SameBits(actual.dbeta, in_place.dbeta));
        EXPECT_TRUE(SameBits(actual.dbranch, in_place.dbranch));
      } else {
        const BackwardOutcome<A> none =
            Backward<A>(s, in, dropout, add, Branch::kNone);
        EXPECT_TRUE(SameBits(actual.dx, none.dx));
        for (const A& d : none.dbranch) ASSERT_EQ(Wide(d), 0.0);
      }
    }
  }
}

// Rows whose variance is far below epsilon: constants.
TYPED_TEST(LayerNormTest, ConstantRowsGiveBeta) {
  using A = TypeParam;
  const Shape s = {3, 768};
  const std::vector<float> x(static_cast<size_t>(s.rows * s.width), 3.0f);
  const std::vector<float> gamma = RandomNumbers<float>(s.width, 1);
  const std::vector<float> beta = RandomNumbers<float>(s.width, 2);
  const ForwardOutcome<A> actual =
      Forward<A>(s, x, {}, Dropout(), gamma, beta, false);
  for (size_t j = 0; j < actual.y.size(); ++j) {
    ASSERT_EQ(Wide(actual.y[j]),
              Wide(Rounded(beta[j % static_cast<size_t>(s.width)], A())));
  }
}

TEST(LayerNorm, WidthsThatTheKernelsDoNotHaveAreRefused) {
  for (const int64_t width : {6, 2052}) {
    EXPECT_EQ(absl::StatusCode::kInvalidArgument,
              LayerNormForward<float>(nullptr, {nullptr, 1, width}, {},
                                      DropoutParameters(), 0, nullptr, nullptr,
                                      1e-5f, {}, {}, nullptr, nullptr)
                  .code());
    // Before anything is added to dgamma or dbeta.
    EXPECT_EQ(absl::StatusCode::kInvalidArgument,
              LayerNormBackward<float>(
                  nullptr, {nullptr, 1, width}, {nullptr, 1, width}, nullptr,
                  nullptr, nullptr, true, DropoutParameters(), 0, nullptr, {},
                  {}, nullptr, nullptr)
                  .code());
  }
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
