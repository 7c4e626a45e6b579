#include "analysis/extremes.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

void AddRun(Run::Outcome outcome, double best, double mean, double distance,
            ExperimentResult* result) {
  Run* run = result->add_run();
  const int seeds = result->spec().seed_size();
  run->set_seed(result->spec().seed((result->run_size() - 1) % seeds));
  run->set_outcome(outcome);
  run->set_best_loss(best);
  run->set_lowest_loss(best / 2);
  run->add_epoch_mean_loss(mean);
  run->add_epoch_mean_loss(0.25);
  run->add_max_distance_l2(distance);
  run->add_max_distance_linf(distance / 4);
  run->add_max_step_distance_l2(2 * distance);
  run->add_max_step_distance_linf(distance / 2);
}

// Two grid points of two seeds: a quiet one and one that is better, exploded
// and goes three times as far.
ExperimentResult MakeCell(const std::string& method, double scale) {
  ExperimentResult result;
  result.mutable_spec()->add_method()->set_name(method);
  result.mutable_spec()->add_batch_size(64);
  result.mutable_spec()->add_seed(1);
  result.mutable_spec()->add_seed(2);
  ExtremesSpec* extremes = result.mutable_spec()->mutable_extremes();
  extremes->set_counts(ExtremesSpec::NOT_EXPLODED);
  extremes->set_distance_steps(ExtremesSpec::POWERS_OF_TWO);
  extremes->set_join_seeds(ExtremesSpec::EXTREME_OF_SEEDS);
  extremes->set_evaluations_per_epoch(1);
  result.set_target(absl::StrCat("//:", method));
  result.add_optimum()->mutable_spec()->set_role(OptimumSpec::PAPER);
  AddRun(Run::CONVERGED, 0.5, 0.5, 8 * scale, &result);
  AddRun(Run::CONVERGED, 0.75, 0.5, 12 * scale, &result);
  AddRun(Run::EXPLODED, 0.25, 0.75, 24 * scale, &result);
  AddRun(Run::EXPLODED, 0.125, 0.75, 40 * scale, &result);
  return result;
}

std::vector<ExperimentResult> Family() {
  // Adam's distances do not count.
  return {MakeCell("sgd", 1), MakeCell("adagrad", 0.5), MakeCell("adam", 100)};
}

void Change(std::vector<ExperimentResult>* results,
            void (*change)(ExtremesSpec*)) {
  for (ExperimentResult& result : *results) {
    change(result.mutable_spec()->mutable_extremes());
  }
}

TEST(ComputeFamilyExtremes, OverRunsThatDidNotExplode) {
  std::vector<ExperimentResult> results = Family();
  for (const bool absent : {false, true}) {
    if (absent) {
      for (auto& result : results) result.mutable_spec()->clear_extremes();
    }
    ASSERT_OK_AND_ASSIGN(const FamilyExtremes family,
                         ComputeFamilyExtremes(results));
    ASSERT_TRUE(family.paper.has_value());
    EXPECT_EQ(family.paper->l2.value, 12);
    EXPECT_EQ(family.paper->l2.spread, 2);
    EXPECT_EQ(family.paper->l2.target, "//:sgd");
    EXPECT_EQ(family.paper->linf.value, 3);
    EXPECT_FALSE(family.exact.has_value());
    ASSERT_EQ(family.lowest_loss.size(), 3u);
    EXPECT_EQ(family.lowest_loss[1].first, "adagrad");
    EXPECT_EQ(family.lowest_loss[1].second.value, 0.5);
    EXPECT_EQ(family.lowest_loss[1].second.target, "//:adagrad");
  }
}

TEST(DescribeExtremes, SaysWhatCountsAndHowSeedsAreJoined) {
  ExperimentSpec spec;
  EXPECT_EQ(DescribeExtremes(spec),
            "over all runs that did not explode: the extreme of all seeds");
  ExtremesSpec* const extremes = spec.mutable_extremes();
  extremes->set_counts(ExtremesSpec::EPOCH_MEAN_LOSS_BELOW);
  extremes->set_max_epoch_mean_loss(0.75);
  EXPECT_THAT(DescribeExtremes(spec), HasSubstr("stays below 0.75"));
  extremes->set_counts(ExtremesSpec::SELECTED_OF_ALL);
  extremes->set_join_seeds(ExtremesSpec::MEAN_OF_SEEDS);
  EXPECT_THAT(DescribeExtremes(spec), HasSubstr("the lowest mean loss"));
  EXPECT_THAT(DescribeExtremes(spec), HasSubstr(": each seed's, then the mean"));
}

TEST(ComputeFamilyExtremes, JoinsSeeds) {
  std::vector<ExperimentResult> results = Family();
  Change(&results, [](ExtremesSpec* e) {
    e->set_join_seeds(ExtremesSpec::MEAN_OF_SEEDS);
  });
  ASSERT_OK_AND_ASSIGN(const FamilyExtremes family,
                       ComputeFamilyExtremes(results));
  ASSERT_TRUE(family.paper.has_value());
  EXPECT_EQ(family.paper->l2.value, 10);
  EXPECT_EQ(family.paper->l2.spread, 2);
  EXPECT_EQ(family.lowest_loss[0].second.value, 0.625);
}

TEST(ComputeFamilyExtremes, OverEveryStepAndEvaluation) {
  std::vector<ExperimentResult> results = Family();
  Change(&results, [](ExtremesSpec* e) {
    e->set_distance_steps(ExtremesSpec::EVERY_STEP);
    e->set_evaluations_per_epoch(10);
  });
  ASSERT_OK_AND_ASSIGN(const FamilyExtremes family,
                       ComputeFamilyExtremes(results));
  ASSERT_TRUE(family.paper.has_value());
  EXPECT_EQ(family.paper->l2.value, 24);
  EXPECT_EQ(family.paper->linf.value, 6);
  EXPECT_EQ(family.lowest_loss[0].second.value, 0.25);
}

TEST(ComputeFamilyExtremes, OverEpochMeansBelowALimit) {
  std::vector<ExperimentResult> results = Family();
  Change(&results, [](ExtremesSpec* e) {
    e->set_counts(ExtremesSpec::EPOCH_MEAN_LOSS_BELOW);
    e->set_max_epoch_mean_loss(0.75);
  });
  EXPECT_EQ(ComputeFamilyExtremes(results)->paper->l2.value, 40);
  Change(&results,
         [](ExtremesSpec* e) { e->set_max_epoch_mean_loss(0.74); });
  EXPECT_EQ(ComputeFamilyExtremes(results)->paper->l2.value, 12);
  // Nothing counts: no diameter of 0.
  Change(&results,
         [](ExtremesSpec* e) { e->set_max_epoch_mean_loss(0.1); });
  EXPECT_FALSE(ComputeFamilyExtremes(results)->paper.has_value());
  EXPECT_TRUE(ComputeFamilyExtremes(results)->lowest_loss.empty());
}

TEST(ComputeFamilyExtremes, OverWhatWouldBeSelectedOfAll) {
  std::vector<ExperimentResult> results = Family();
  Change(&results, [](ExtremesSpec* e) {
    e->set_counts(ExtremesSpec::SELECTED_OF_ALL);
  });
  EXPECT_EQ(ComputeFamilyExtremes(results)->paper->l2.value, 40);
  // The exploded grid point is not the better one any more in SGD's cell.
  results[0].mutable_run(2)->set_best_loss(9);
  EXPECT_EQ(ComputeFamilyExtremes(results)->paper->l2.value, 20);
  EXPECT_EQ(ComputeFamilyExtremes(results)->lowest_loss[0].second.value, 0.5);
}

TEST(ComputeFamilyExtremes, SaysWhatResultsLack) {
  std::vector<ExperimentResult> results = Family();
  Change(&results, [](ExtremesSpec* e) {
    e->set_distance_steps(ExtremesSpec::EVERY_STEP);
  });
  for (auto& run : *results[0].mutable_run()) run.clear_max_step_distance_l2();
  EXPECT_THAT(std::string(ComputeFamilyExtremes(results).status().message()),
              HasSubstr("//:sgd: extremes.distance_steps"));
  results = Family();
  Change(&results,
         [](ExtremesSpec* e) { e->set_evaluations_per_epoch(2); });
  for (auto& run : *results[1].mutable_run()) run.clear_lowest_loss();
  EXPECT_THAT(std::string(ComputeFamilyExtremes(results).status().message()),
              HasSubstr("//:adagrad: extremes.evaluations_per_epoch"));
  results = Family();
  results[2].mutable_spec()->mutable_extremes()->set_join_seeds(
      ExtremesSpec::MEAN_OF_SEEDS);
  EXPECT_THAT(std::string(ComputeFamilyExtremes(results).status().message()),
              HasSubstr("different seeds or extremes"));
}

}  // namespace
}  // namespace anisograd
