#include "analysis/convex.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/claims.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

// A cell with two runs: one that ends at `loss` with diameters (linf, l2), and
// one that exploded far away.
ExperimentResult MakeResult(const std::string& method, int64_t batch_size,
                            double loss, double linf, double l2) {
  ExperimentResult result;
  result.mutable_spec()->set_name("d");
  result.mutable_spec()->add_method()->set_name(method);
  result.mutable_spec()->add_batch_size(batch_size);
  result.mutable_spec()->add_seed(1);
  result.mutable_dataset()->set_name("d");
  result.mutable_dataset()->set_digest("digest");
  result.mutable_dataset()->set_features(123);
  result.set_target(absl::StrCat("//:d_", method, "_m", batch_size));
  OptimumRecord* paper = result.add_optimum();
  paper->mutable_spec()->set_role(OptimumSpec::PAPER);
  paper->set_loss(0.25);
  OptimumRecord* exact = result.add_optimum();
  exact->mutable_spec()->set_role(OptimumSpec::EXACT);
  exact->set_loss(0.125);
  Run* good = result.add_run();
  good->set_seed(1);
  good->set_outcome(Run::CONVERGED);
  good->set_best_loss(loss);
  good->add_max_distance_linf(linf);
  good->add_max_distance_linf(2 * linf);
  good->add_max_distance_l2(l2);
  good->add_max_distance_l2(4 * l2);
  Run* bad = result.add_run();
  bad->set_seed(1);
  bad->set_outcome(Run::EXPLODED);
  bad->set_best_loss(0.2);
  // A sample's loss, say: the general rule sees nothing.
  for (Run* run : {good, bad}) {
    run->add_loss(0.7);
    run->add_loss(run->best_loss());
    run->add_epoch_mean_loss(0.5);
  }
  bad->add_max_distance_linf(1e6);
  bad->add_max_distance_linf(1e6);
  bad->add_max_distance_l2(1e6);
  bad->add_max_distance_l2(1e6);
  result.set_exploded_runs(1);
  result.mutable_selected()->set_mean_loss(loss);
  result.mutable_selected()->set_std_loss(0.0625);
  return result;
}

ConstantsResult Constants() {
  ConstantsResult constants;
  constants.mutable_dataset()->set_name("d");
  constants.mutable_dataset()->set_digest("digest");
  constants.set_smoothness_l1(8);
  constants.set_smoothness_linf(2);
  return constants;
}

std::vector<ExperimentResult> Grid() {
  return {MakeResult("sgd", 64, 0.75, 2, 8), MakeResult("sgd", 1024, 1.5, 1, 10),
          MakeResult("adagrad", 64, 0.5, 3, 4),
          MakeResult("adagrad", 1024, 0.625, 2, 4),
          // Not one of the paper's methods: its diameter does not count.
          MakeResult("adam", 64, 0.375, 100, 100)};
}

TEST(ComputeConvexQuantities, Diameters) {
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities d,
                       ComputeConvexQuantities(Grid(), Constants()));
  EXPECT_EQ(d.diameters.linf, 3);
  EXPECT_EQ(d.diameters.l2, 10);
  EXPECT_DOUBLE_EQ(d.diameters.c_var(), 0.3);
  // |L|_1 D_inf^2 / (L_inf D_2^2) = 8 * 9 / (2 * 100).
  EXPECT_DOUBLE_EQ(d.diameters.c_bias(d.constants), 0.36);
  ASSERT_TRUE(d.diameters_exact.has_value());
  EXPECT_EQ(d.diameters_exact->linf, 6);
  EXPECT_EQ(d.diameters_exact->l2, 40);
  EXPECT_DOUBLE_EQ(*d.optimum_gap, 0.125);
}

TEST(ComputeConvexQuantities, CellsAndMinima) {
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities d,
                       ComputeConvexQuantities(Grid(), Constants()));
  const CellQuantities* cell = d.FindCell("sgd", 1024);
  ASSERT_NE(cell, nullptr);
  EXPECT_EQ(cell->suboptimality->value, 1.25);
  EXPECT_EQ(cell->suboptimality->spread, 0.0625);
  EXPECT_EQ(cell->suboptimality->target, "//:d_sgd_m1024");
  EXPECT_EQ(cell->suboptimality_exact->value, 1.375);
  EXPECT_EQ(cell->exploded_runs, 1);
  // Loss 1.5 is above log 2, so the general rule takes the other.
  EXPECT_NEAR(cell->suboptimality_general->value, 0.2 - 0.25, 1e-15);
  EXPECT_EQ(d.FindCell("sgd", 2), nullptr);
  ASSERT_EQ(d.min_suboptimality.size(), 3u);
  EXPECT_EQ(d.min_suboptimality[0].first, "sgd");
  // The exploded run's 0.2 does not count.
  EXPECT_EQ(d.min_suboptimality[0].second.value, 0.5);
}

TEST(ComputeConvexQuantities, RefusesMixedData) {
  std::vector<ExperimentResult> results = Grid();
  results[1].mutable_dataset()->set_digest("other");
  EXPECT_THAT(std::string(ComputeConvexQuantities(results, Constants())
                              .status()
                              .message()),
              HasSubstr("different data"));
  results = Grid();
  results[0].mutable_optimum(0)->mutable_spec()->set_role(OptimumSpec::EXACT);
  EXPECT_THAT(std::string(ComputeConvexQuantities(results, Constants())
                              .status()
                              .message()),
              HasSubstr("lacks the PAPER optimum"));
}

TEST(Claims, HoldWhereTheNumbersSaySo) {
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities d,
                       ComputeConvexQuantities(Grid(), Constants()));
  const std::vector<ConvexQuantities> datasets = {d};
  const Claim below = CheckAdaGradBelowSgd(datasets);
  EXPECT_EQ(below.verdict, Claim::Verdict::kHolds);
  EXPECT_EQ(below.evidence, "2 of 2 pairs");
  EXPECT_EQ(CheckAdaGradDegradesLess(datasets).verdict,
            Claim::Verdict::kHolds);
  EXPECT_EQ(CheckBoundsFavourAdaGrad(datasets).verdict,
            Claim::Verdict::kHolds);
  // 123 features are not large sparse data.
  EXPECT_EQ(CheckDiametersOnSparseData(datasets).verdict,
            Claim::Verdict::kNotTested);
}

TEST(Claims, FailWhereTheyDoNot) {
  std::vector<ExperimentResult> results = Grid();
  results[2].mutable_selected()->set_mean_loss(0.8);
  for (ExperimentResult& result : results) {
    result.mutable_dataset()->set_features(20000);
    result.mutable_dataset()->set_stand_in(true);
  }
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities d,
                       ComputeConvexQuantities(results, Constants()));
  const std::vector<ConvexQuantities> datasets = {d};
  const Claim below = CheckAdaGradBelowSgd(datasets);
  EXPECT_EQ(below.verdict, Claim::Verdict::kFails);
  EXPECT_EQ(below.evidence,
            "1 of 2 pairs, 2 of them on stand-ins; not d (stand-in) at M = 64");
  EXPECT_EQ(CheckDiametersOnSparseData(datasets).verdict,
            Claim::Verdict::kFails);
}

}  // namespace
}  // namespace anisograd
