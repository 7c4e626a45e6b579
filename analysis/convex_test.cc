#include "analysis/convex.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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
  result.mutable_spec()->set_dataset("d");
  for (const double rate : {0.1, 1.0, 10.0}) {
    result.mutable_spec()->mutable_grid()->add_learning_rate(rate);
  }
  result.mutable_spec()->add_seed(7);
  result.set_spec_digest(absl::StrCat(method, batch_size));
  result.mutable_spec()->add_method()->set_name(method);
  result.mutable_spec()->add_batch_size(batch_size);
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
  exact->set_certificate(OptimumResult::DUALITY_GAP);
  exact->set_lower_bound(0.0625);
  Run* good = result.add_run();
  good->set_outcome(Run::CONVERGED);
  good->set_seed(7);
  good->set_learning_rate(10.0);
  good->mutable_schedule()->set_kind(ScheduleSpec::CONSTANT);
  good->set_best_loss(loss);
  good->add_loss(0.7);
  good->add_loss(loss + 0.5);
  good->add_epoch_mean_loss(0.5);
  good->add_max_distance_linf(linf);
  good->add_max_distance_linf(2 * linf);
  good->add_max_distance_l2(l2);
  good->add_max_distance_l2(4 * l2);
  Run* bad = result.add_run();
  bad->set_seed(7);
  bad->set_outcome(Run::EXPLODED);
  bad->set_best_loss(0.2);
  // For a sample's loss, say: the general rule sees nothing.
  bad->add_loss(0.7);
  bad->add_loss(0.2);
  bad->add_epoch_mean_loss(0.5);
  bad->add_max_distance_linf(1e6);
  bad->add_max_distance_linf(1e6);
  bad->add_max_distance_l2(1e6);
  bad->add_max_distance_l2(1e6);
  result.set_exploded_runs(1);
  result.mutable_selected()->set_learning_rate(10.0);
  result.mutable_selected()->mutable_schedule()->set_kind(
      ScheduleSpec::CONSTANT);
  result.mutable_selected()->set_mean_loss(loss);
  result.mutable_selected()->set_std_loss(0.0625);
  return result;
}

ConstantsResult Constants() {
  ConstantsResult constants;
  constants.mutable_dataset()->set_name("d");
  constants.mutable_dataset()->set_digest("digest");
  constants.set_smoothness_l1(8);
  constants.set_smoothness_l1_valid(80);
  constants.set_smoothness_linf(2);
  constants.set_noise_l1(6);
  constants.set_noise_l2(1.5);
  return constants;
}

std::vector<ExperimentResult> Grid() {
  return {MakeResult("sgd", 64, 0.75, 2, 8), MakeResult("sgd", 1024, 1.5, 1, 10),
          MakeResult("adagrad", 64, 0.5, 3, 4),
          MakeResult("adagrad", 1024, 0.625, 2, 4),
          // Not one of the paper's methods: its diameter does not count.
          MakeResult("adam", 64, 0.375, 100, 100)};
}

TEST(ComputeConvexQuantities, NoDiameterWhereAllExploded) {
  std::vector<ExperimentResult> results = Grid();
  for (ExperimentResult& result : results) {
    if (result.spec().method(0).name() == "adam") continue;
    for (auto& run : *result.mutable_run()) {
      run.set_outcome(anisograd::Run::EXPLODED);
    }
    result.clear_selected();
  }
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities d,
                       ComputeConvexQuantities(results, Constants()));
  EXPECT_TRUE(std::isnan(d.diameters.linf));
  EXPECT_TRUE(std::isnan(d.diameters.c_var()));
  EXPECT_TRUE(std::isnan(d.diameters.c_bias(d.constants)));
  EXPECT_FALSE(d.diameters_exact.has_value());
}

TEST(ComputeConvexQuantities, Diameters) {
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities d,
                       ComputeConvexQuantities(Grid(), Constants()));
  EXPECT_EQ(d.diameters.linf, 3);
  EXPECT_EQ(d.diameters.l2, 10);
  EXPECT_DOUBLE_EQ(d.diameters.c_var(), 0.3);
  // |L|_1 D_inf^2 / (L_inf D_2^2) = 8 * 9 / (2 * 100).
  EXPECT_DOUBLE_EQ(d.diameters.c_bias(d.constants), 0.36);
  // Likewise with the valid |L|_1, 80, and 0.3 * 6 / 1.5.
  EXPECT_DOUBLE_EQ(d.diameters.r2(d.constants), 3.6);
  EXPECT_DOUBLE_EQ(d.diameters.r1(d.constants), 1.2);
  ASSERT_TRUE(d.diameters_exact.has_value());
  EXPECT_EQ(d.diameters_exact->linf, 6);
  EXPECT_EQ(d.diameters_exact->l2, 40);
  EXPECT_DOUBLE_EQ(*d.optimum_gap, 0.125);
  EXPECT_EQ(d.infimum->certificate, OptimumResult::DUALITY_GAP);
  EXPECT_EQ(d.infimum->gap, 0.0625);
}

// Without a certificate nothing refers to the EXACT optimum.
TEST(ComputeConvexQuantities, WithoutCertificateThereIsNoExactOptimum) {
  std::vector<ExperimentResult> results = Grid();
  for (ExperimentResult& result : results) {
    result.mutable_optimum(1)->set_certificate(OptimumResult::NONE);
  }
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities d,
                       ComputeConvexQuantities(results, Constants()));
  EXPECT_FALSE(d.diameters_exact.has_value());
  EXPECT_FALSE(d.cells[0].suboptimality_exact.has_value());
  EXPECT_EQ(d.infimum->certificate, OptimumResult::NONE);
  EXPECT_DOUBLE_EQ(*d.optimum_gap, 0.125);
}

// Separable data have inf f = 0, which no w attains.
TEST(ComputeConvexQuantities, SeparableDataHaveNoExactOptimum) {
  std::vector<ExperimentResult> results = Grid();
  for (ExperimentResult& result : results) {
    result.mutable_optimum(1)->set_certificate(OptimumResult::SEPARABLE);
    result.mutable_optimum(1)->set_lower_bound(0.0);
  }
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities d,
                       ComputeConvexQuantities(results, Constants()));
  EXPECT_FALSE(d.diameters_exact.has_value());
  EXPECT_EQ(d.cells[0].suboptimality_exact->value, 0.75);
  EXPECT_EQ(d.infimum->loss, 0.0);
  EXPECT_EQ(*d.optimum_gap, 0.25);
}

TEST(ComputeConvexQuantities, CellsAndMinima) {
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities d,
                       ComputeConvexQuantities(Grid(), Constants()));
  const CellQuantities* cell = d.FindCell("sgd", 1024);
  ASSERT_NE(cell, nullptr);
  EXPECT_EQ(cell->suboptimality->value, 1.25);
  EXPECT_EQ(cell->suboptimality->spread, 0.0625);
  EXPECT_EQ(cell->target, "//:d_sgd_m1024");
  EXPECT_EQ(cell->suboptimality->target, "//:d_sgd_m1024");
  EXPECT_EQ(cell->suboptimality_exact->value, 1.375);
  EXPECT_EQ(cell->exploded_runs, 1);
  // A loss of 2 at the end is above log 2: the general rule takes the other.
  EXPECT_NEAR(cell->suboptimality_general->value, 0.2 - 0.25, 1e-15);
  EXPECT_EQ(cell->learning_rate, 10.0);
  EXPECT_EQ(cell->schedule, ScheduleSpec::CONSTANT);
  EXPECT_TRUE(cell->at_edge_of_grid);
  ASSERT_EQ(cell->seed_suboptimality.size(), 1u);
  EXPECT_EQ(cell->seed_suboptimality[0].seed, 7u);
  EXPECT_EQ(cell->seed_suboptimality[0].value, 1.25);
  EXPECT_EQ(d.FindCell("sgd", 2), nullptr);
  ASSERT_EQ(d.min_suboptimality.size(), 3u);
  EXPECT_EQ(d.min_suboptimality[0].first, "sgd");
  // The exploded run's 0.2 does not count.
  EXPECT_EQ(d.min_suboptimality[0].second.value, 0.5);
}

TEST(ComputeConvexQuantities, SeedValuesFollowTheSelectionRule) {
  std::vector<ExperimentResult> results = Grid();
  for (ExperimentResult& result : results) {
    result.mutable_spec()->mutable_logistic()->set_selection(
        LogisticProtocol::LAST_EPOCH);
    result.mutable_selected()->set_learning_rate(10.0);
  }
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities d,
                       ComputeConvexQuantities(results, Constants()));
  EXPECT_EQ(d.FindCell("sgd", 1024)->seed_suboptimality[0].value, 1.75);
}

TEST(ComputeConvexQuantities, ReadingsOnOneDataSetKeepTheirName) {
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities papers,
                       ComputeConvexQuantities(Grid(), Constants()));
  EXPECT_EQ(papers.label(), "d");
  EXPECT_EQ(papers.reading, "");
  std::vector<ExperimentResult> results = Grid();
  for (ExperimentResult& result : results) {
    result.mutable_spec()->set_name("d_general");
    result.set_spec_digest(result.spec_digest() + "x");
  }
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities other,
                       ComputeConvexQuantities(results, Constants()));
  EXPECT_EQ(other.label(), "d_general");
  EXPECT_EQ(other.target, "//experiments/logistic:d_general");
  EXPECT_NE(other.spec_digest, papers.spec_digest);
  results = Grid();
  std::swap(results[0], results[3]);
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities reordered,
                       ComputeConvexQuantities(results, Constants()));
  EXPECT_EQ(reordered.spec_digest, papers.spec_digest);
}

TEST(ComputeConvexQuantities, RefusesMixedFamilies) {
  const auto message = [](const std::vector<ExperimentResult>& results) {
    return std::string(
        ComputeConvexQuantities(results, Constants()).status().message());
  };
  std::vector<ExperimentResult> results = Grid();
  results[1].mutable_spec()->set_name("d_general");
  EXPECT_THAT(message(results), HasSubstr("different families"));
  results = Grid();
  results.push_back(results[0]);
  EXPECT_THAT(message(results), HasSubstr("sgd at batch size 64 stands twice"));
  results = Grid();
  results[1].mutable_spec()->add_seed(8);
  EXPECT_THAT(message(results), HasSubstr("different seeds"));
}

TEST(ComputeConvexQuantities, RefusesMixedData) {
  std::vector<ExperimentResult> results = Grid();
  results[1].mutable_dataset()->set_digest("other");
  EXPECT_THAT(std::string(ComputeConvexQuantities(results, Constants())
                              .status()
                              .message()),
              HasSubstr("different data"));
  ConstantsResult with_bias = Constants();
  with_bias.set_bias_feature(true);
  EXPECT_THAT(
      std::string(
          ComputeConvexQuantities(Grid(), with_bias).status().message()),
      HasSubstr("one with a bias feature"));
  results = Grid();
  results[0].mutable_optimum(0)->mutable_spec()->set_role(OptimumSpec::EXACT);
  EXPECT_THAT(std::string(ComputeConvexQuantities(results, Constants())
                              .status()
                              .message()),
              HasSubstr("lacks the PAPER optimum"));
}

// A spec may list its optima in any order; distances are in the same.
TEST(ComputeConvexQuantities, OptimaAreFoundByTheirRole) {
  std::vector<ExperimentResult> results = Grid();
  for (ExperimentResult& result : results) {
    result.mutable_optimum()->SwapElements(0, 1);
    for (auto& run : *result.mutable_run()) {
      run.mutable_max_distance_linf()->SwapElements(0, 1);
      run.mutable_max_distance_l2()->SwapElements(0, 1);
    }
  }
  ASSERT_OK_AND_ASSIGN(const ConvexQuantities d,
                       ComputeConvexQuantities(results, Constants()));
  EXPECT_EQ(d.diameters.linf, 3);
  ASSERT_TRUE(d.diameters_exact.has_value());
  EXPECT_EQ(d.diameters_exact->linf, 6);
  ASSERT_TRUE(d.optimum_gap.has_value());
  EXPECT_EQ(*d.optimum_gap, 0.125);
  EXPECT_EQ(d.FindCell("sgd", 1024)->suboptimality->value, 1.25);
  EXPECT_EQ(d.FindCell("sgd", 1024)->suboptimality_exact->value, 1.375);
}

TEST(ComputeConvexQuantities, OneCellIsAFamily) {
  ASSERT_OK_AND_ASSIGN(
      const ConvexQuantities d,
      ComputeConvexQuantities({MakeResult("sgd", 64, 0.75, 2, 8)},
                              Constants()));
  EXPECT_EQ(d.cells.size(), 1u);
  EXPECT_EQ(d.diameters.linf, 2);
}

}  // namespace
}  // namespace anisograd
