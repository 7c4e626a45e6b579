#include "experiments/logistic/lanes/lane_trainer.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "experiments/logistic/lanes/grid_testing.h"
#include "experiments/logistic/lanes/lane_rules.h"
#include "gtest/gtest.h"
#include "optim/rule.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// SGD whose step t, from 1, is 2^-t as long: a clock, and no coordinate at rest
// moves.
struct HalvingRule : RuleDefaults {
  explicit HalvingRule(const OptimizerSpec& spec) {}
  static constexpr int kClock = 1;
  void Advance(double clock[kClock]) { numbers[0] = clock[0] /= 2; }
  template <typename V>
  void Step(V rate, V g, V* states, V* w) const {
    *w = *w - rate * V(numbers[0]) * g;
  }
  double numbers[kClock] = {};
};

TEST(LaneTrainer, ARuleWithAClockSeesEveryStep) {
  const CsrMatrix data = OppositeRows();
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data.view(), false));
  // The rows' gradients at 0 are -1/2 and 1/2.
  for (const auto& [order, weight] :
       {std::pair(std::vector<uint32_t>{0}, 0.25),
        std::pair(std::vector<uint32_t>{1}, -0.25)}) {
    LaneTrainer<LaneRule<HalvingRule, double, false>, double> trainer(
        problem, OptimizerSpec(), LaneTrainerOptions(),
        std::vector<double>{0.0});
    trainer.RunEpoch(
        order, [](int64_t) { return 1.0; }, 100,
        [] { return int64_t{100}; });
    EXPECT_EQ(trainer.Weights(0, /*averaged=*/false), weight);
  }
}

}  // namespace
}  // namespace anisograd
