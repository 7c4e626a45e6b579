#include "analysis/theory/sgd_bound.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

// Of steps that have one.
ConvexBound Bound(const SgdRun& run, double smoothness_linf, double sigma_l2) {
  return BoundSgd(run, smoothness_linf, sigma_l2)->value();
}

SgdRun ConstantRun(int64_t steps, double batch_size, double rate,
                   double distance) {
  SgdRun run;
  run.steps = steps;
  run.first_rate = run.last_rate = rate;
  run.noise_rates = rate * static_cast<double>(steps) / batch_size;
  run.initial_distance = distance;
  return run;
}

// L_inf = 2, |sigma|_2 = 3, |w_0 - w*| = 4, T = 10, M = 2, eta = 1/4:
//   bias 16 / (2 * 0.25 * 10) = 3.2, variance 9 * 0.25 / 4 = 0.5625.
TEST(SgdBound, ConstantStep) {
  const ConvexBound bound = Bound(ConstantRun(10, 2, 0.25, 4.0), 2.0, 3.0);
  EXPECT_DOUBLE_EQ(bound.bias, 3.2);
  EXPECT_DOUBLE_EQ(bound.variance, 0.5625);
  EXPECT_EQ(bound.solved, bound.total());
}

// Between 1 / L and 2 / L both terms grow by 1 / (2 - eta L); from 2 / L on
// gradient descent on a quadratic need not converge, and there is no bound.
TEST(SgdBound, StepsBeyondOneOverL) {
  const double at_limit = Bound(ConstantRun(10, 1, 0.5, 4.0), 2.0, 0.0).bias;
  const double above = Bound(ConstantRun(10, 1, 0.75, 4.0), 2.0, 0.0).bias;
  EXPECT_DOUBLE_EQ(at_limit, 16.0 / (2 * 0.5 * 10));
  EXPECT_DOUBLE_EQ(above, 16.0 / (2 * 0.5 * 0.75 * 10));
  EXPECT_EQ(*BoundSgd(ConstantRun(10, 1, 1.0, 4.0), 2.0, 0.0), std::nullopt);
  EXPECT_EQ(*BoundSgdGradient({10, 1.0, 1.0, 1.0}, 2.0, 0.0), std::nullopt);
}

// eta_t = 1 / sqrt(t + 1), T = 4: D_2 takes part with 1/eta_3 - 1/eta_0 = 1.
TEST(SgdBound, FallingSteps) {
  SgdRun run = ConstantRun(4, 1, 1.0, 2.0);
  run.last_rate = 0.5;
  run.distance = 3.0;
  EXPECT_DOUBLE_EQ(Bound(run, 1.0, 0.0).bias, (4.0 + 9.0) / 8.0);
}

// The best step balances both terms, unless 1 / L_inf is below it; both then
// stand as D sigma / sqrt(M T).
TEST(SgdBound, BestStep) {
  EXPECT_DOUBLE_EQ(BestSgdRate(2.0, 0.0, 1.0, 1, 1), 0.5);
  EXPECT_DOUBLE_EQ(BestSgdRate(2.0, 1e-3, 1.0, 1, 1), 0.5);
  const double rate = BestSgdRate(2.0, 5.0, 3.0, 4, 100);
  EXPECT_DOUBLE_EQ(rate, 3.0 * 2.0 / (5.0 * 10.0));
  const ConvexBound bound = Bound(ConstantRun(100, 4, rate, 3.0), 2.0, 5.0);
  EXPECT_DOUBLE_EQ(bound.bias, bound.variance);
  EXPECT_DOUBLE_EQ(bound.total(), 3.0 * 5.0 / std::sqrt(400.0));
}

// f(w) = w^2 / 2 from w_0 = 1 by eta = 1 (L = 1): w_1 = 0. The sum of f is 1/2
// over T steps, and the bound is 1 / (2 T): no smaller constant holds.
TEST(SgdBound, IsAttainedByOneStepOntoTheMinimum) {
  const double measured = 0.5 / 7;
  EXPECT_DOUBLE_EQ(Bound(ConstantRun(7, 1, 1.0, 1.0), 1.0, 0.0).total(),
                   measured);
  // |f'|^2 sums to 1, Delta = 1/2: (1/2 / (1 * 7)) / (1/2), attained as well.
  EXPECT_DOUBLE_EQ(**BoundSgdGradient({7, 1.0, 1.0, 0.5}, 1.0, 0.0), 1.0 / 7);
}

TEST(SgdBound, NamesWhatIsOutOfItsRange) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  const SgdRun good = ConstantRun(10, 1, 0.1, 1.0);
  const auto message = [&](const std::function<void(SgdRun*)>& change) {
    SgdRun run = good;
    change(&run);
    const absl::Status status = BoundSgd(run, 1.0, 1.0).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_EQ(message([](SgdRun* r) { r->steps = 0; }),
            "steps: out of its range, got 0");
  EXPECT_EQ(message([](SgdRun* r) { r->last_rate = 0.0; }),
            "last_rate: out of its range, got 0");
  EXPECT_EQ(message([](SgdRun* r) { r->first_rate = kNaN; }),
            "first_rate: out of its range, got nan");
  EXPECT_EQ(message([](SgdRun* r) { r->last_rate = 0.2; }),
            "first_rate: below last_rate, got 0.1");
  EXPECT_EQ(message([](SgdRun* r) { r->distance = -1.0; }),
            "distance: out of its range, got -1");
  EXPECT_FALSE(BoundSgd(good, -1.0, 1.0).ok());
  EXPECT_FALSE(BoundSgd(good, 1.0, kNaN).ok());
  EXPECT_FALSE(BoundSgdGradient({0, 1.0, 1.0, 1.0}, 1.0, 1.0).ok());
  EXPECT_FALSE(BoundSgdGradient({1, 0.0, 1.0, 1.0}, 1.0, 1.0).ok());
  EXPECT_FALSE(BoundSgdGradient({1, 1.0, 0.0, 1.0}, 1.0, 1.0).ok());
  EXPECT_FALSE(BoundSgdGradient({1, 1.0, 1.0, -1.0}, 1.0, 1.0).ok());
}

// L_inf = 2, |sigma|_2 = 3, M = 2, eta = 1/4, T = 10, Delta = 5:
//   (5 / 2.5 + 2 (1/4) 9 / 4) / (1 - 1/4) = 3.125 / 0.75.
TEST(SgdBound, GradientWithNoise) {
  EXPECT_DOUBLE_EQ(**BoundSgdGradient({10, 2.0, 0.25, 5.0}, 2.0, 3.0),
                   3.125 / 0.75);
}

}  // namespace
}  // namespace anisograd
