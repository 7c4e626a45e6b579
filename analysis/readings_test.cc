#include "analysis/readings.h"

#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using Kind = Reading::Kind;

// A cell of two grid points and one seed. The first run is the lower one at its
// best epoch, the second at the last. Optima are 0 and, exact, -1.
ExperimentResult MakeCell(const char* method, int64_t m) {
  ExperimentResult result;
  ExperimentSpec* spec = result.mutable_spec();
  spec->set_name("d");
  spec->set_dataset("d");
  spec->add_method()->set_name(method);
  spec->add_batch_size(m);
  spec->add_seed(1);
  spec->mutable_grid()->add_learning_rate(1);
  spec->mutable_grid()->add_learning_rate(2);
  spec->mutable_grid()->add_schedule()->set_kind(ScheduleSpec::CONSTANT);
  spec->mutable_logistic()->set_selection(LogisticProtocol::BEST_EPOCH);
  result.mutable_dataset()->set_name("d");
  for (const auto role : {OptimumSpec::PAPER, OptimumSpec::EXACT}) {
    OptimumRecord* optimum = result.add_optimum();
    optimum->mutable_spec()->set_role(role);
    optimum->set_loss(role == OptimumSpec::PAPER ? 0 : -1);
    optimum->set_certificate(role == OptimumSpec::PAPER
                                 ? OptimumResult::NONE
                                 : OptimumResult::DUALITY_GAP);
  }
  for (const double rate : {1.0, 2.0}) {
    Run* run = result.add_run();
    run->set_learning_rate(rate);
    run->mutable_schedule()->set_kind(ScheduleSpec::CONSTANT);
    run->set_seed(1);
    run->set_outcome(Run::CONVERGED);
    run->set_best_loss(rate == 1 ? 0.1 : 0.2);
    for (const double loss : {0.69, run->best_loss(), rate == 1 ? 0.5 : 0.2}) {
      run->add_loss(loss);
    }
    for (int e = 0; e < 2; ++e) run->add_epoch_mean_loss(0.3);
    for (int o = 0; o < 2; ++o) {
      run->add_max_distance_l2(10);
      run->add_max_distance_linf(o == 0 ? 1 : 9);
    }
  }
  return result;
}

double Selected(Kind kind, const ExperimentResult& cell) {
  const auto cells = ApplyReading(kind, {cell});
  return cells.has_value() && (*cells)[0].has_selected()
             ? (*cells)[0].selected().learning_rate()
             : 0;
}

TEST(ApplyReading, SelectsByItsOwnRule) {
  ExperimentResult cell = MakeCell("sgd", 1);
  EXPECT_EQ(Selected(Kind::kNotExploded, cell), 1);
  EXPECT_EQ(Selected(Kind::kLastEpoch, cell), 2);
  // The spec's rule threw the first run out, and the general one the second.
  cell.mutable_run(0)->set_outcome(Run::EXPLODED);
  EXPECT_EQ(Selected(Kind::kNotExploded, cell), 2);
  EXPECT_EQ(Selected(Kind::kGeneralRule, cell), 1);
  cell.mutable_run(0)->set_epoch_mean_loss(1, 5.0);
  EXPECT_EQ(Selected(Kind::kGeneralRule, cell), 2);
  EXPECT_EQ(Selected(Kind::kNoRule, cell), 1);
  cell.mutable_run(0)->set_loss(2, std::numeric_limits<double>::infinity());
  EXPECT_EQ(Selected(Kind::kNoRule, cell), 2);
}

TEST(ApplyReading, TheExactOptimumMustBeAttained) {
  ExperimentResult cell = MakeCell("sgd", 1);
  const auto cells = ApplyReading(Kind::kExactOptimum, {cell});
  ASSERT_TRUE(cells.has_value());
  EXPECT_EQ((*cells)[0].optimum(1).spec().role(), OptimumSpec::PAPER);
  cell.mutable_optimum(1)->set_certificate(OptimumResult::SEPARABLE);
  EXPECT_FALSE(ApplyReading(Kind::kExactOptimum, {cell}).has_value());
}

const Claim& Find(const std::vector<ReadingClaims>& all, Kind kind,
                  const std::string& name) {
  for (const ReadingClaims& reading : all) {
    if (reading.reading.kind != kind) continue;
    for (const Claim& claim : reading.claims) {
      if (claim.name == name) return claim;
    }
  }
  ADD_FAILURE() << name;
  static const Claim none;
  return none;
}

// AdaGrad's best epoch is below SGD's and its last one is not.
TEST(CheckReadings, AClaimHoldsUnderOneReadingAndFailsUnderAnother) {
  FamilyRuns family;
  family.constants.mutable_dataset()->set_name("d");
  family.cells = {MakeCell("sgd", 1), MakeCell("adagrad", 1)};
  for (::anisograd::Run& run : *family.cells[1].mutable_run()) {
    run.set_best_loss(run.best_loss() / 2);
    run.set_loss(2, 0.6);
  }
  ASSERT_OK_AND_ASSIGN(const auto all, CheckReadings({family}));
  ASSERT_EQ(all.size(), AllReadings().size());
  const std::string name = "adagrad_below_sgd";
  // As it stands the cell has nothing selected.
  EXPECT_EQ(Find(all, Kind::kAsSpecified, name).verdict,
            Claim::Verdict::kNotTested);
  EXPECT_EQ(Find(all, Kind::kNoRule, name).verdict, Claim::Verdict::kHolds);
  EXPECT_EQ(Find(all, Kind::kLastEpoch, name).verdict, Claim::Verdict::kFails);
  EXPECT_EQ(Find(all, Kind::kExactOptimum, name).verdict,
            Claim::Verdict::kHolds);
  for (const Kind kind : {Kind::kFreshSeeds, Kind::kNotRun}) {
    EXPECT_EQ(Find(all, kind, name).verdict, Claim::Verdict::kNotTested);
  }
  family.fresh = {*ApplyReading(Kind::kLastEpoch, {family.cells[0]})->begin(),
                  *ApplyReading(Kind::kLastEpoch, {family.cells[1]})->begin()};
  // A rule that throws all of SGD's runs out does not count.
  for (::anisograd::Run& run : *family.fresh[0].mutable_run()) {
    run.set_outcome(::anisograd::Run::EXPLODED);
  }
  ASSERT_OK_AND_ASSIGN(const auto with_fresh, CheckReadings({family}));
  EXPECT_EQ(Find(with_fresh, Kind::kFreshSeeds, name).verdict,
            Claim::Verdict::kFails);
}

}  // namespace
}  // namespace anisograd
