#include "analysis/theory/least_bound.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/theory/sgd_bound.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// L = (1, 3), L_inf = 2, sigma = (0.6, 0.8), D_inf = 0.5, |w_0 - w*|_2 = 2,
// 100 steps of 4 samples.
CellBounds Cell(const std::string& method) {
  CellBounds cell;
  cell.set_method(method);
  cell.set_batch_size(4);
  cell.set_smoothness_l1(4);
  cell.set_smoothness_linf(2);
  cell.set_noise_l1(1.4);
  cell.set_noise_l2(1);
  RunBounds& run = *cell.add_run();
  run.set_selected(true);
  run.set_steps(100);
  run.set_initial_distance(2);
  run.set_distance_linf(0.5);
  return cell;
}

// It is Theorem 4.1's at its best step, and no other step's is below it.
TEST(LeastBound, AdaGrad) {
  const CellBounds cell = Cell("adagrad");
  const ConvexBound least = LeastBound(cell, cell.run(0));
  EXPECT_DOUBLE_EQ(least.bias, 4 * 4 * 0.25 / 100);
  EXPECT_DOUBLE_EQ(least.variance, 2 * std::sqrt(2.0) * 0.5 * 1.4 / 20);
  const std::vector<double> l = {1, 3}, sigma = {0.6, 0.8}, d = {0.5, 0.5};
  for (const double factor : {0.5, 0.9, 1.0, 1.1, 2.0}) {
    AdaGradRun run;
    run.steps = 100;
    run.inverse_batches = 25;
    run.first_rate = run.last_rate = factor * BestAdaGradRate(0.5);
    run.initial_distance = 2;
    ASSERT_OK_AND_ASSIGN(const ConvexBound bound,
                         BoundAdaGrad(run, l, sigma, d));
    if (factor == 1.0) {
      EXPECT_NEAR(bound.total(), least.total(), 1e-14);
    } else {
      EXPECT_GT(bound.total(), least.total());
    }
  }
}

// eta = min(1 / 2, 2 sqrt(4) / sqrt(100)) = 0.4: 4 / (2 0.4 100) + 0.4 / (2 4).
TEST(LeastBound, Sgd) {
  CellBounds cell = Cell("sgd");
  ConvexBound least = LeastBound(cell, cell.run(0));
  EXPECT_DOUBLE_EQ(least.bias, 0.05);
  EXPECT_DOUBLE_EQ(least.variance, 0.05);
  // With batches of 400 the step is 1 / L_inf.
  cell.set_batch_size(400);
  least = LeastBound(cell, cell.run(0));
  EXPECT_DOUBLE_EQ(least.bias, 0.04);
  EXPECT_DOUBLE_EQ(least.variance, 0.5 / 800);
}

// It is Theorem D.1's at its best step, whichever of the two limits that.
TEST(LeastBound, SgdIsTheTheoremsAtItsBestStep) {
  CellBounds cell = Cell("sgd");
  for (const int64_t m : {4, 400}) {
    cell.set_batch_size(m);
    SgdRun run;
    run.steps = 100;
    run.initial_distance = 2;
    run.first_rate = run.last_rate =
        BestSgdRate(2.0, 1.0, 2.0, static_cast<double>(m), 100.0);
    run.noise_rates = 100 * run.first_rate / static_cast<double>(m);
    ASSERT_OK_AND_ASSIGN(const std::optional<ConvexBound> bound,
                         BoundSgd(run, 2.0, 1.0));
    EXPECT_NEAR(bound->total(), LeastBound(cell, cell.run(0)).total(), 1e-15);
  }
}

// The means are those of the first theorem, of f; the last one's are of gradients.
TEST(CompareBounds, AdaGradOverSgd) {
  CellBounds sgd = Cell("sgd"), adagrad = Cell("adagrad");
  for (const auto& [cell, measured] :
       {std::pair<CellBounds*, double>{&sgd, 0.25}, {&adagrad, 0.5}}) {
    RunBounds& run = *cell->mutable_run(0);
    run.set_selected_gap(measured / 8 * measured);
    run.add_theorem()->set_measured(measured);
    run.add_theorem()->set_measured(8.0);
  }
  const std::optional<MethodRatios> ratios = CompareBounds(&sgd, &adagrad);
  ASSERT_TRUE(ratios.has_value());
  EXPECT_DOUBLE_EQ(ratios->bound,
                   LeastBound(adagrad, adagrad.run(0)).total() / 0.1);
  EXPECT_EQ(ratios->selected, 4.0);
  EXPECT_EQ(ratios->mean, 2.0);
  EXPECT_FALSE(CompareBounds(nullptr, &adagrad).has_value());
  adagrad.mutable_run(0)->set_selected(false);
  EXPECT_FALSE(CompareBounds(&sgd, &adagrad).has_value());
}

TEST(SelectedRun, IsTheFirstOrNone) {
  CellBounds cell = Cell("sgd");
  EXPECT_EQ(SelectedRun(cell), &cell.run(0));
  cell.mutable_run(0)->set_selected(false);
  EXPECT_EQ(SelectedRun(cell), nullptr);
  cell.clear_run();
  EXPECT_EQ(SelectedRun(cell), nullptr);
}

}  // namespace
}  // namespace anisograd
