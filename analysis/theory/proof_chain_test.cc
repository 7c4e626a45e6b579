#include "analysis/theory/proof_chain.h"

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/gradient_noise.h"
#include "experiments/logistic/lanes/grid_testing.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

constexpr int kSeeds = 8;

// Two features, x = (1, 0), (1, 0), (0, 1), (0, 1) with both labels each, 3 to 1
// in the second: f is separable with w* = (0, log 3) and H / 4 = diag(1/8, 1/8).
CsrMatrix TwoFeatures() {
  CsrMatrix data;
  data.features = 2;
  data.row_start = {0};
  for (const auto& [feature, label] : std::vector<std::pair<int, int>>{
           {0, 1}, {0, -1}, {0, 1}, {0, -1},
           {1, 1}, {1, 1}, {1, 1}, {1, -1}}) {
    data.index.push_back(feature);
    data.value.push_back(1.0);
    data.label.push_back(label);
    data.row_start.push_back(data.index.size());
  }
  return data;
}

// A run that meets every condition of Theorems 4.1 and D.1 on TwoFeatures().
GridTrainerOptions TheoremOptions(const char* rule, int64_t batch_size) {
  GridTrainerOptions options = Options(rule, batch_size);
  LogisticProtocol& protocol = options.protocol;
  protocol.mutable_projection()->set_kind(ProjectionSpec::BOX);
  protocol.mutable_projection()->set_radius(2.0);
  protocol.set_sampling(LogisticProtocol::WITH_REPLACEMENT);
  protocol.set_last_batch(LogisticProtocol::DROP);
  protocol.set_iterate(LogisticProtocol::AVERAGED);
  protocol.set_initial_radius(2.0);
  protocol.set_epochs(20);
  return options;
}

const std::vector<double> kOptimum = {0.0, 1.0986122886681098};

// Means over seeds of the links, in order.
std::vector<double> MeanLinks(const std::vector<ProofChain>& chains) {
  std::vector<double> mean(chains[0].links.size(), 0.0);
  for (const ProofChain& chain : chains) {
    for (size_t i = 0; i < mean.size(); ++i) {
      mean[i] += chain.links[i].value / static_cast<double>(chains.size());
    }
  }
  return mean;
}

class Chain : public testing::TestWithParam<int> {};

TEST_P(Chain, RisesWhereTheConditionsHold) {
  const CsrMatrix data = TwoFeatures();
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), false));
  const double least = problem.Loss(kOptimum);
  const std::vector<double> smoothness = {0.125, 0.125};
  const UniversalNoise noise = ComputeUniversalNoise(problem);
  const std::vector<double> sigma(noise.least.sigma.begin(),
                                  noise.least.sigma.end());
  const double distance = 2.0 + kOptimum[1];
  for (const char* rule : {"sgd", "adagrad"}) {
    std::vector<ProofChain> chains;
    for (int seed = 0; seed < kSeeds; ++seed) {
      GridTrainerOptions options = TheoremOptions(rule, GetParam());
      options.seed = seed;
      ScheduleSpec constant;
      constant.set_kind(ScheduleSpec::CONSTANT);
      ASSERT_OK_AND_ASSIGN(
          const PathRecord path,
          ReplayRun(problem, options, {1.0, constant}, kOptimum, least));
      if (*rule == 'a') {
        ASSERT_OK_AND_ASSIGN(
            chains.emplace_back(),
            AdaGradChain(path, smoothness, sigma, distance, 1e-10));
      } else {
        chains.push_back(
            **SgdChain(path, 0.125, noise.least.l2(), 2.0 * distance));
      }
      EXPECT_FALSE(chains.back().Violated());
      EXPECT_EQ(chains.back().links.back().value,
                chains.back().bound.total());
    }
    const std::vector<double> links = MeanLinks(chains);
    for (size_t i = 1; i < links.size(); ++i) {
      // Up to what sampling leaves of eight seeds where two links agree in
      // expectation.
      EXPECT_GE(links[i], 0.9 * links[i - 1])
          << rule << " " << chains[0].links[i].inequality;
    }
    EXPECT_GT(links.back(), links[1]);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Chain, testing::Values(1, 4));

// f = log(1 + e^w) - w / 2 from w_0 by full batches: no noise. Constants half the
// truth, distance and curvature, are found out by the chain of SGD.
TEST(ProofChain, FalseConstantsAreReportedAsViolated) {
  const CsrMatrix data = OppositeRows();
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), false));
  GridTrainerOptions options = Options("sgd", 2);
  options.protocol.set_initial_radius(2.0);
  options.protocol.set_epochs(20);
  ScheduleSpec constant;
  constant.set_kind(ScheduleSpec::CONSTANT);
  ASSERT_OK_AND_ASSIGN(
      PathRecord path,
      ReplayRun(problem, options, {4.0, constant}, {0.0}, std::log(2.0)));
  // L = 1/4, and batches of both rows leave no noise when they are shuffled.
  EXPECT_FALSE((*SgdChain(path, 0.25, 0.0, 0.0))->Violated());
  path.initial_distance /= 2;
  EXPECT_TRUE((*SgdChain(path, 0.25, 0.0, 0.0))->Violated());
  EXPECT_FALSE(SgdChain(path, 0.5, 0.0, 0.0)->has_value());
}

std::vector<double> Values(const ProofChain& chain) {
  std::vector<double> values;
  for (const ProofLink& link : chain.links) values.push_back(link.value);
  return values;
}

// T = 4, eta from 2 to 1, one sample a step, D_inf = 2: K = 2 + 4 / 2 = 4. L =
// (4, 0), sigma = (1, 1/2), |w_0 - w*| = 2 and epsilon = 1/2, whose term is
// (1/2 4/2 + 1/2 (1 - 1/2) 8) / 4 = 3/4.
TEST(ProofChain, LinksOfAdaGradByHand) {
  PathRecord path;
  path.steps = 4;
  path.first_rate = 2.0;
  path.last_rate = 1.0;
  path.inverse_batches = 4.0;
  path.initial_distance = 2.0;
  path.output_gap = 0.125;
  path.mean_gap = 0.5;
  path.inner = 0.75;
  path.telescoped = 1.0;
  path.ratios = 0.5;
  path.root_squares = {8.0, 4.0};
  path.signal = {16.0, 0.0};
  path.noise = {4.0, 1.0};
  ASSERT_OK_AND_ASSIGN(
      const ProofChain chain,
      AdaGradChain(path, {4.0, 0.0}, {1.0, 0.5}, 2.0, 0.5));
  EXPECT_EQ(Values(chain),
            (std::vector<double>{
                0.125, 0.5, 0.75, 1.0 + 0.5,
                2.0 * 3.0 + 0.5 + 0.375,       // D^2 / 2 trace + ratios
                4.0 * 3.0 + 0.375,             // K trace
                4.0 * (2.0 + 1.5) + 0.375,     // K (signal + noise)
                4.0 * (2.0 + 0.75) + 0.375,    // sigma sqrt(4) / 4
                4.0 * (2.0 + 0.75) + 0.375,    // sqrt(4 (16 / 4) / 4)
                4.0 * (1.0 + 0.75) + 0.375,    // sqrt(2 4 0.5 / 4)
                chain.bound.solved, 32.0 + 6.0 + 0.75}));
}

// T = 4, eta from 1/4 to 1/8, L = 6: c = min(1, 2 - 6 / 4) = 1/2. The bias is
// (4 4 + 9 (8 - 4)) / (2 c T) = 13, the variance 4 / (2 c T) = 1.
TEST(ProofChain, LinksOfSgdByHand) {
  PathRecord path;
  path.steps = 4;
  path.first_rate = 0.25;
  path.last_rate = 0.125;
  path.noise_rates = 1.0;
  path.initial_distance = 2.0;
  path.output_gap = 0.125;
  path.mean_gap = 0.5;
  path.inner = 2.0;
  path.telescoped = 1.0;
  path.rate_signal = 1.0;
  path.rate_noise = 0.5;
  ASSERT_OK_AND_ASSIGN(const std::optional<ProofChain> chain,
                       SgdChain(path, 6.0, 2.0, 3.0));
  ASSERT_TRUE(chain.has_value());
  EXPECT_EQ(Values(*chain),
            (std::vector<double>{0.125, 0.5, (2.0 - 0.5) / 0.5,
                                 (1.0 + 0.25) / 0.5, 13.0 + 0.5, 13.0 + 1.0}));
}

}  // namespace
}  // namespace anisograd
