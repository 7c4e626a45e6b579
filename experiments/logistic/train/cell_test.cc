#include "experiments/logistic/train/cell.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "data/synthetic.h"
#include "experiments/logistic/optimum/solve_optimum.h"
#include "experiments/spec_validation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

constexpr char kFamily[] = R"pb(
  name: "small"
  dataset: "small"
  method {
    name: "sgd"
    optimizer { sgd {} }
  }
  method {
    name: "adagrad"
    optimizer {
      adagrad { epsilon_convention: OUTSIDE_ROOT epsilon: 1e-10 }
    }
  }
  batch_size: [ 1, 16 ]
  grid {
    learning_rate: [ 100, 1, 0.1 ]
    schedule { kind: CONSTANT }
    schedule { kind: INVERSE_SQUARE_ROOT }
  }
  seed: [ 1, 2, 3 ]
  logistic {
    epochs: 5
    initial_radius: 0.05
    bias_feature: true
    sampling: SHUFFLE_EACH_EPOCH
    last_batch: KEEP
    schedule_clock: PER_ITERATION
    iterate: CURRENT
    selection: BEST_EPOCH
    explosion { max_sample_loss: 18 }
  }
  optimum {
    role: PAPER
    newton { gradient_tolerance: 1e-10 max_iterations: 50 }
  }
)pb";

class CellTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(ParseTextProto(kFamily, "family", &family_));
    ASSERT_OK(ValidateExperiment(family_));
    DatasetSpec spec;
    spec.set_rows(400);
    spec.set_features(40);
    spec.set_mean_nonzeros(6);
    spec.mutable_synthetic()->set_values(SyntheticSpec::BINARY);
    spec.mutable_synthetic()->set_label_noise(1);
    data_ = GenerateStandIn(spec);
  }

  absl::StatusOr<ExperimentResult> Run(const std::string& method,
                                       int64_t batch_size) {
    ASSIGN_OR_RETURN(const LogisticProblem problem,
                     LogisticProblem::Create(data_.view(), true));
    ASSIGN_OR_RETURN(const ExperimentSpec part,
                     ExpandOptimum(family_, "paper"));
    ASSIGN_OR_RETURN(const OptimumResult optimum,
                     SolveOptimum(problem, part, nullptr));
    ASSIGN_OR_RETURN(const ExperimentSpec cell,
                     ExpandCell(family_, method, batch_size));
    return RunCell(problem, cell, {optimum}, nullptr);
  }

  ExperimentSpec family_;
  CsrMatrix data_;
};

TEST_F(CellTest, RunsTwiceToTheSameBytes) {
  for (const char* method : {"sgd", "adagrad"}) {
    for (const int64_t batch_size : {1, 16}) {
      ASSERT_OK_AND_ASSIGN(const ExperimentResult one, Run(method, batch_size));
      ASSERT_OK_AND_ASSIGN(const ExperimentResult two, Run(method, batch_size));
      EXPECT_EQ(SerializeDeterministically(one),
                SerializeDeterministically(two));
    }
  }
}

TEST_F(CellTest, RecordsGridMajorAndSelectsAmongRunsThatDidNotExplode) {
  ASSERT_OK_AND_ASSIGN(const ExperimentResult result, Run("sgd", 1));
  ASSERT_EQ(result.run_size(), 3 * 2 * 3);
  EXPECT_EQ(result.run(0).learning_rate(), 100);
  EXPECT_EQ(result.run(1).seed(), 2u);
  EXPECT_EQ(result.run(3).schedule().kind(), ScheduleSpec::INVERSE_SQUARE_ROOT);
  EXPECT_EQ(result.run(0).outcome(), anisograd::Run::EXPLODED);
  EXPECT_GE(result.exploded_runs(), 3);
  ASSERT_TRUE(result.has_selected());
  EXPECT_LT(result.selected().learning_rate(), 100);
  // The selected mean is the lowest over grid points of the mean best loss.
  double lowest = 1e9;
  for (int first = 0; first < 18; first += 3) {
    double mean = 0.0;
    bool exploded = false;
    for (int i = first; i < first + 3; ++i) {
      mean += result.run(i).best_loss() / 3;
      exploded |= result.run(i).outcome() == anisograd::Run::EXPLODED;
    }
    if (!exploded) lowest = std::min(lowest, mean);
  }
  EXPECT_NEAR(result.selected().mean_loss(), lowest, 1e-15);
  // No loss is below the optimum.
  EXPECT_GT(lowest, result.optimum(0).loss());
}

TEST_F(CellTest, CallsTheTrainerOncePerSeedAndRecordsWhatItReturns) {
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data_.view(), true));
  ASSERT_OK_AND_ASSIGN(const ExperimentSpec cell,
                       ExpandCell(family_, "adagrad", 16));
  std::vector<uint64_t> seeds;
  const GridTrainer train = [&](const LogisticProblem&,
                                const GridTrainerOptions& options)
      -> absl::StatusOr<std::vector<GridRun>> {
    if (options.seed == 0) return absl::UnavailableError("no device");
    EXPECT_EQ(options.batch_size, 16);
    seeds.push_back(options.seed);
    GridRun run;
    run.loss = {1.0, 0.5};
    run.best_loss = 0.25 * static_cast<double>(options.seed);
    return std::vector<GridRun>(options.grid.size(), run);
  };
  ASSERT_OK_AND_ASSIGN(const ExperimentResult result,
                       RunCell(problem, cell, {}, nullptr, train));
  EXPECT_THAT(seeds, testing::ElementsAre(1, 2, 3));
  ASSERT_EQ(result.run_size(), 3 * 2 * 3);
  EXPECT_EQ(result.run(5).best_loss(), 0.75);
  EXPECT_EQ(result.selected().mean_loss(), 0.5);

  ExperimentSpec refused = cell;
  refused.set_seed(1, 0);
  EXPECT_THAT(
      std::string(
          RunCell(problem, refused, {}, nullptr, train).status().message()),
      HasSubstr("no device"));
}

// All cells by one call, each with the bytes of a cell run alone.
TEST_F(CellTest, CellsTogetherAreTheCells) {
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data_.view(), true));
  std::vector<ExperimentSpec> cells;
  for (const char* method : {"sgd", "adagrad"}) {
    for (const int64_t batch_size : {1, 16}) {
      ASSERT_OK_AND_ASSIGN(cells.emplace_back(),
                           ExpandCell(family_, method, batch_size));
    }
  }
  int calls = 0;
  const FamilyTrainer train =
      [&](const LogisticProblem& p, absl::Span<const GridTrainerOptions> grids)
      -> absl::StatusOr<std::vector<std::vector<GridRun>>> {
    ++calls;
    std::vector<std::vector<GridRun>> runs;
    for (const GridTrainerOptions& options : grids) {
      ASSIGN_OR_RETURN(runs.emplace_back(), TrainGrid(p, options));
    }
    return runs;
  };
  int last_done = 0, last_total = 0;
  ASSERT_OK_AND_ASSIGN(const std::vector<ExperimentResult> together,
                       RunCells(problem, cells, {},
                                [&](int done, int total) {
                                  last_done = done;
                                  last_total = total;
                                },
                                train));
  EXPECT_EQ(calls, 1);
  // 4 cells, 3 seeds, 5 epochs.
  EXPECT_EQ(last_done, 60);
  EXPECT_EQ(last_total, 60);
  ASSERT_EQ(together.size(), cells.size());
  for (size_t c = 0; c < cells.size(); ++c) {
    ASSERT_OK_AND_ASSIGN(const ExperimentResult alone,
                         RunCell(problem, cells[c], {}, nullptr));
    EXPECT_EQ(SerializeDeterministically(together[c]),
              SerializeDeterministically(alone));
  }
}

// Two grid points of two seeds; the first has the best epoch, the second the best
// last one, and a third would be better than both had it not exploded.
TEST(SelectRuns, FollowsTheSelectionRule) {
  ExperimentSpec cell;
  cell.add_seed(1);
  cell.add_seed(2);
  ExperimentResult result;
  const std::vector<std::vector<double>> losses = {
      {9, 1, 4}, {9, 3, 6}, {9, 5, 3}, {9, 4, 2}, {9, 0, 0}, {9, 0, 0}};
  for (size_t i = 0; i < losses.size(); ++i) {
    anisograd::Run* const run = result.add_run();
    run->set_learning_rate(static_cast<double>(1 + i / 2));
    run->set_seed(1 + i % 2);
    run->set_outcome(i == 5 ? anisograd::Run::EXPLODED
                            : anisograd::Run::CONVERGED);
    run->mutable_loss()->Add(losses[i].begin(), losses[i].end());
    run->set_best_loss(std::min(losses[i][1], losses[i][2]));
  }
  cell.mutable_logistic()->set_selection(LogisticProtocol::BEST_EPOCH);
  SelectRuns(cell, &result);
  EXPECT_EQ(result.selected().learning_rate(), 1);
  EXPECT_EQ(result.selected().mean_loss(), 2);
  EXPECT_EQ(result.selected().std_loss(), 1);
  cell.mutable_logistic()->set_selection(LogisticProtocol::LAST_EPOCH);
  SelectRuns(cell, &result);
  EXPECT_EQ(result.selected().learning_rate(), 2);
  EXPECT_EQ(result.selected().mean_loss(), 2.5);
}

TEST_F(CellTest, SaysWhenEverythingExploded) {
  family_.mutable_grid()->clear_learning_rate();
  family_.mutable_grid()->add_learning_rate(1000);
  ASSERT_OK_AND_ASSIGN(const ExperimentResult result, Run("sgd", 1));
  EXPECT_EQ(result.exploded_runs(), result.run_size());
  EXPECT_FALSE(result.has_selected());
}

// Marks of 32 bits would wrap, and gradients of other steps be taken for new.
TEST_F(CellTest, RefusesMoreStepsThanItsMarksCount) {
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data_.view(), true));
  ASSERT_OK_AND_ASSIGN(ExperimentSpec cell, ExpandCell(family_, "sgd", 16));
  // Of 25 steps each: 2^32 - 1 is 171798691 times 25 and 20.
  cell.mutable_logistic()->set_epochs(171798691);
  EXPECT_OK(CellGrids(problem, cell, {}).status());
  cell.mutable_logistic()->set_epochs(171798692);
  EXPECT_EQ(CellGrids(problem, cell, {}).status().message(),
            "logistic.epochs: 171798692 epochs at M = 16 are 4294967300 steps, "
            "more than 4294967295");
}

TEST_F(CellTest, RefusesOptimaOfOtherData) {
  ASSERT_OK_AND_ASSIGN(const LogisticProblem problem,
                       LogisticProblem::Create(data_.view(), true));
  OptimumResult other;
  other.add_weights(0);
  ASSERT_OK_AND_ASSIGN(const ExperimentSpec cell,
                       ExpandCell(family_, "sgd", 1));
  EXPECT_THAT(std::string(RunCell(problem, cell, {other}, nullptr)
                              .status()
                              .message()),
              HasSubstr("solved on other data"));
}

}  // namespace
}  // namespace anisograd
