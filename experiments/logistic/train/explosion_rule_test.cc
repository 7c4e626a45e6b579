// The rules of ExplosionRule on real runs, on a small generated set.

#include <cmath>
#include <initializer_list>

#include "data/synthetic.h"
#include "experiments/logistic/train/cell.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;
using RunRecord = ::anisograd::Run;

constexpr char kCell[] = R"pb(
  name: "small"
  dataset: "small"
  batch_size: 16
  seed: [ 1, 2 ]
  logistic {
    epochs: 20
    initial_radius: 0.05
    bias_feature: true
    sampling: SHUFFLE_EACH_EPOCH
    last_batch: KEEP
    schedule_clock: PER_ITERATION
    iterate: CURRENT
    selection: BEST_EPOCH
  }
)pb";

class ExplosionRuleTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ParseTextProto(kCell, "cell", &cell_));
    Generate(/*label_noise=*/0.1);
  }

  void Generate(double label_noise) {
    DatasetSpec spec;
    spec.set_rows(400);
    spec.set_features(60);
    spec.set_mean_nonzeros(8);
    spec.mutable_synthetic()->set_values(SyntheticSpec::BINARY);
    spec.mutable_synthetic()->set_label_noise(label_noise);
    data_ = GenerateStandIn(spec);
  }

  void UseAdaGrad(std::initializer_list<double> rates) {
    AdaGrad* adagrad =
        cell_.add_method()->mutable_optimizer()->mutable_adagrad();
    adagrad->set_epsilon_convention(AdaGrad::OUTSIDE_ROOT);
    adagrad->set_epsilon(1e-10);
    SetGrid(rates, ScheduleSpec::CONSTANT);
  }

  void UseSgd(double rate, ScheduleSpec::Kind schedule) {
    cell_.add_method()->mutable_optimizer()->mutable_sgd();
    SetGrid({rate}, schedule);
  }

  ExperimentResult Train() {
    const LogisticProblem problem =
        LogisticProblem::Create(data_.view(), true).value();
    return RunCell(problem, cell_, {}, nullptr).value();
  }

  ExperimentSpec cell_;
  CsrMatrix data_;

 private:
  void SetGrid(std::initializer_list<double> rates,
               ScheduleSpec::Kind schedule) {
    for (const double rate : rates) {
      cell_.mutable_grid()->add_learning_rate(rate);
    }
    cell_.mutable_grid()->add_schedule()->set_kind(schedule);
  }
};

// Without noise the classes are separable: margins are large and large rates
// pay. The limit of the paper's small sets, on a sample's loss, throws out the
// best rate for what its first steps do; the general rule keeps it.
TEST_F(ExplosionRuleTest, KeepsABestRateThatALimitOnASampleThrowsOut) {
  Generate(/*label_noise=*/0);
  UseAdaGrad({4, 2});
  const ExperimentResult general = Train();
  EXPECT_EQ(general.exploded_runs(), 0);
  EXPECT_EQ(general.selected().learning_rate(), 4);
  cell_.mutable_logistic()->mutable_explosion()->set_max_sample_loss(18);
  const ExperimentResult limited = Train();
  EXPECT_EQ(limited.exploded_runs(), 2);
  EXPECT_EQ(limited.selected().learning_rate(), 2);
  EXPECT_GT(limited.selected().mean_loss(),
            2 * general.selected().mean_loss());
}

TEST_F(ExplosionRuleTest, CatchesARunThatDiverges) {
  UseSgd(30, ScheduleSpec::CONSTANT);
  const ExperimentResult result = Train();
  EXPECT_EQ(result.exploded_runs(), 2);
  EXPECT_FALSE(result.has_selected());
  EXPECT_THAT(result.run(0).explosion_reason(), HasSubstr("exceeded"));
}

// As the rate falls to 0 the run comes back, below log 2 in the end.
TEST_F(ExplosionRuleTest, CatchesARunThatDivergesAndComesBack) {
  UseSgd(30, ScheduleSpec::COSINE);
  const ExperimentResult result = Train();
  for (const RunRecord& run : result.run()) {
    EXPECT_LT(run.loss(run.loss_size() - 1), std::log(2.0));
    EXPECT_EQ(run.outcome(), RunRecord::EXPLODED);
  }
  // Without any limit it would be taken.
  cell_.mutable_logistic()->mutable_explosion();
  EXPECT_EQ(Train().exploded_runs(), 0);
}

// A step of the first epoch makes the loss infinite or no number. What comes
// after is of no matter: the mean of that epoch shows it.
TEST_F(ExplosionRuleTest, CatchesALossThatIsNotFinite) {
  UseSgd(1e308, ScheduleSpec::CONSTANT);
  for (const bool general : {true, false}) {
    if (!general) cell_.mutable_logistic()->mutable_explosion();
    const ExperimentResult result = Train();
    EXPECT_EQ(result.exploded_runs(), 2);
    EXPECT_THAT(result.run(0).explosion_reason(), HasSubstr("not finite"));
  }
}

}  // namespace
}  // namespace anisograd
