#include "analysis/theory/proof_chain.h"

#include <cmath>
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

}  // namespace
}  // namespace anisograd
