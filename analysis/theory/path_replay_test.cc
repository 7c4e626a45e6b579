#include "analysis/theory/path_replay.h"

#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "analysis/gradient_noise.h"
#include "experiments/logistic/lanes/grid_testing.h"
#include "experiments/logistic/lanes/grid_trainer.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Rule, batch size, Option I on a box, sampling with replacement, and average.
class ReplaysTheTrainer
    : public testing::TestWithParam<std::tuple<const char*, int, bool>> {};

TEST_P(ReplaysTheTrainer, LossesAndDistances) {
  const auto [rule, batch_size, box] = GetParam();
  const CsrMatrix data = Data(300, 40, SyntheticSpec::UNIT_NORM);
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), true));
  GridTrainerOptions options = Options(rule, batch_size);
  if (box) {
    options.protocol.mutable_projection()->set_kind(ProjectionSpec::BOX);
    options.protocol.mutable_projection()->set_radius(0.5);
    options.protocol.set_sampling(LogisticProtocol::WITH_REPLACEMENT);
    options.protocol.set_last_batch(LogisticProtocol::DROP);
    options.protocol.set_iterate(LogisticProtocol::AVERAGED);
  }
  std::vector<double> optimum(problem.dimension());
  for (size_t j = 0; j < optimum.size(); ++j) optimum[j] = 0.01 * j - 0.2;
  options.optima = {optimum};
  options.every_step_distances = true;
  ASSERT_OK_AND_ASSIGN(const std::vector<GridRun> runs,
                       TrainGrid(problem, options));
  for (size_t i = 0; i < runs.size(); ++i) {
    ASSERT_OK_AND_ASSIGN(
        const PathRecord path,
        ReplayRun(problem, options, options.grid[i], optimum, 0.0));
    ASSERT_EQ(path.loss.size(), runs[i].loss.size());
    for (size_t e = 0; e < path.loss.size(); ++e) {
      EXPECT_NEAR(path.loss[e], runs[i].loss[e], 1e-14 * path.loss[e]) << e;
    }
    EXPECT_EQ(path.distance_linf, runs[i].max_step_distance_linf[0]);
    EXPECT_NEAR(path.distance_l2, runs[i].max_step_distance_l2[0], 1e-13);
    // Option II moves as the proof's equality says; Option I less far.
    const double moved = path.telescoped + path.ratios;
    if (box) {
      EXPECT_LE(path.inner, moved + 1e-12);
    } else {
      EXPECT_NEAR(path.inner, moved, 1e-11);
    }
    if (box) {
      EXPECT_NEAR(path.output_gap, path.loss.back(), 1e-14);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ReplaysTheTrainer,
    testing::Combine(testing::Values("sgd", "adagrad"),
                     testing::Values(1, 7, 64), testing::Bool()));

// Rows x = 1 with y = 1 and -1: f(w) = (log(1 + e^-w) + log(1 + e^w)) / 2, w* = 0.
// Full batches of 2 from w_0 by eta = 1: the gradient is (s(w) - s(-w)) / 2 with
// s the logistic function, the noise of one sample has variance 1/4 whatever w.
TEST(PathReplay, TwoRowsByHand) {
  const CsrMatrix data = OppositeRows();
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), false));
  GridTrainerOptions options = Options("sgd", 2);
  options.protocol.set_initial_radius(2.0);
  options.protocol.set_epochs(2);
  const std::vector<double> optimum = {0.0};
  const double least = std::log(2.0);
  ASSERT_OK_AND_ASSIGN(
      const PathRecord path,
      ReplayRun(problem, options, options.grid[0], optimum, least));
  // w_0 from its loss, log(1 + e^w) - w / 2.
  const auto f = [](double w) {
    return std::log(1 + std::exp(w)) - w / 2;
  };
  const auto slope = [](double w) { return 0.5 * std::tanh(w / 2); };
  double w0 = path.initial_distance;
  EXPECT_NEAR(path.loss[0], f(w0), 1e-15);
  const double w1 = w0 - slope(w0);
  EXPECT_EQ(path.steps, 2);
  EXPECT_EQ(path.samples, 2);
  EXPECT_NEAR(path.mean_gap, (f(w0) + f(w1)) / 2 - least, 1e-15);
  EXPECT_NEAR(path.output_gap, f((w0 + w1) / 2) - least, 1e-15);
  EXPECT_NEAR(path.inner, (slope(w0) * w0 + slope(w1) * w1) / 2, 1e-15);
  EXPECT_NEAR(path.ratios,
              (slope(w0) * slope(w0) + slope(w1) * slope(w1)) / 4, 1e-15);
  EXPECT_NEAR(path.signal[0],
              (slope(w0) * slope(w0) + slope(w1) * slope(w1)) / 2, 1e-15);
  EXPECT_NEAR(path.noise[0], 0.25 / 2, 1e-15);
  EXPECT_DOUBLE_EQ(path.inverse_batches, 1.0);
  EXPECT_DOUBLE_EQ(path.noise_rates, 1.0);
}

TEST(PathReplay, RefusesOtherRules) {
  const CsrMatrix data = OppositeRows();
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), false));
  const GridTrainerOptions options = Options("adam", 1);
  const std::vector<double> optimum = {0.0};
  EXPECT_EQ(ReplayRun(problem, options, options.grid[0], optimum, 0.0)
                .status()
                .message(),
            "optimizer: only sgd and adagrad are replayed");
}

}  // namespace
}  // namespace anisograd
