#include "analysis/theory/exponential_tail.h"

#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

// tau = 2 log 2, d = 2: e^{-tau j / 2} = 1/2, 1/4 and e^{-tau j} = 1/4, 1/16.
TEST(ExponentialTail, ClosedFormsByHand) {
  const double tau = 2.0 * std::log(2.0);
  EXPECT_NEAR(ClosedR1(tau, 2), 0.75 / std::sqrt(2 * 0.3125), 1e-15);
  EXPECT_NEAR(ClosedR2(tau, 2), 0.3125 / (2 * 0.25), 1e-15);
}

TEST(ExponentialTail, DataFollowTheClosedForms) {
  TailOptions options;
  options.rows = 64;
  options.tau = 0.5;
  options.epochs = 5;
  ASSERT_OK_AND_ASSIGN(const std::vector<TailRecord> tails,
                       ComputeTails(options, {60}));
  ASSERT_EQ(tails.size(), 1);
  const TailRecord& tail = tails[0];
  // sigma_j at w = 0 is e^{-tau j / 2} / 2 but for the mean gradient, which is
  // large in the first coordinate, the label's.
  EXPECT_NEAR(tail.r1(), tail.r1_closed(), 0.15 * tail.r1_closed());
  // The top eigenvalue is above H_11, since rows are few.
  EXPECT_LT(tail.r2_trace(), tail.r2_closed());
  EXPECT_GT(tail.r2_trace(), 0.5 * tail.r2_closed());
  EXPECT_GT(tail.r2_valid(), tail.r2_trace());
  EXPECT_LT(tail.optimum_gap(), 1e-3);
  EXPECT_GT(tail.optimum_gap(), 0.0);
  ASSERT_EQ(tail.duel_size(), 2);
  for (const TailDuel& duel : tail.duel()) {
    // Nothing in W is below its optimum.
    EXPECT_GT(duel.sgd(), tail.optimum() - tail.optimum_gap());
    EXPECT_GT(duel.adagrad(), tail.optimum() - tail.optimum_gap());
  }
}

// d beyond what a double can tell changes R1 and R2 as 1/sqrt(d) and 1/d, and no
// run; smaller ones change the runs.
TEST(ExponentialTail, LargeDimensionsChangeTheRatiosAlone) {
  TailOptions options;
  options.rows = 32;
  options.tau = 2.0;
  options.epochs = 3;
  ASSERT_OK_AND_ASSIGN(const std::vector<TailRecord> tails,
                       ComputeTails(options, {2, 200, 20000}));
  ASSERT_EQ(tails.size(), 3);
  const TailRecord& tail = tails[1];
  const TailRecord& large = tails[2];
  EXPECT_NEAR(tail.r1() / large.r1(), 10.0, 1e-9);
  EXPECT_NEAR(tail.r2_valid() / large.r2_valid(), 100.0, 1e-9);
  EXPECT_EQ(tail.duel(0).sgd(), large.duel(0).sgd());
  EXPECT_EQ(SerializeDeterministically(tail.duel(1)),
            SerializeDeterministically(large.duel(1)));
  EXPECT_NE(tails[0].duel(0).sgd(), tail.duel(0).sgd());
  EXPECT_EQ(tails[0].features(), 2);
  // Alone, a dimension has the same record as after others.
  ASSERT_OK_AND_ASSIGN(const std::vector<TailRecord> alone,
                       ComputeTails(options, {20000}));
  EXPECT_EQ(SerializeDeterministically(alone[0]),
            SerializeDeterministically(large));
}

TEST(ExponentialTail, RefusesWhatAssumptionB2Excludes) {
  TailOptions options;
  options.tau = 0.01;
  EXPECT_EQ(ComputeTails(options, {1000, 100}).status().message(),
            "tau: must be above 1 / features, got 0.01 for 100");
}

}  // namespace
}  // namespace anisograd
