#include "analysis/page/bounds_section.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// T = 100 / M steps, |L|_1 = 4, L_inf = 1, no noise, D_inf = 0.5,
// |w_0 - w*|_2 = 2: the least bounds are 4 4 / 4 / T for AdaGrad and
// 4 / (2 T) for SGD, so 2 as a quotient.
CellBounds Cell(const std::string& method, int64_t m, double gap, double mean,
                double bound) {
  CellBounds cell;
  cell.set_method(method);
  cell.set_batch_size(m);
  cell.set_smoothness_l1(4);
  cell.set_smoothness_linf(1);
  RunBounds& run = *cell.add_run();
  run.set_selected(true);
  run.set_steps(100 / m);
  run.set_selected_gap(gap);
  run.set_initial_distance(2);
  run.set_distance_linf(0.5);
  TheoremBound& theorem = *run.add_theorem();
  theorem.set_measured(mean);
  if (bound > 0) theorem.set_bound(bound);
  theorem.add_unmet("no projection");
  return cell;
}

TEST(RenderBounds, ByHand) {
  const std::string text = RenderBounds(
      {Cell("adagrad", 4, 0.125, 0.5, 30), Cell("sgd", 4, 0.25, 0.25, 0.5),
       Cell("sgd", 1, 0.5, 0.25, 0.75), Cell("adagrad", 1, 0.125, 0.25, 10)});
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  ASSERT_EQ(lines.size(), 7) << text;
  EXPECT_THAT(lines[1], HasSubstr(" 1          2.5e-01   7.5e-01         3"));
  EXPECT_THAT(lines[1], HasSubstr("          2.5e-01   1.0e+01        40"));
  EXPECT_THAT(lines[2], HasSubstr(" 4          2.5e-01   5.0e-01         2"));
  EXPECT_THAT(lines[4], HasSubstr("not met by the runs: no projection"));
  EXPECT_THAT(lines[5], HasSubstr("best step, 2; measured f - f(w*) 0.25 to "
                                  "0.5"));
  EXPECT_THAT(text, Not(HasSubstr("VIOLATED")));
  for (const std::string& line : lines) EXPECT_LE(line.size(), 100) << line;
}

TEST(RenderBounds, SaysWhatIsMissing) {
  CellBounds exploded = Cell("adagrad", 1, 0.125, 0.25, 10);
  exploded.mutable_run(0)->set_selected(false);
  const std::string text =
      RenderBounds({Cell("sgd", 1, 0.5, 0.25, 0), exploded});
  EXPECT_THAT(text, HasSubstr("no bound"));
  EXPECT_THAT(text, HasSubstr("no run"));
  EXPECT_THAT(text, Not(HasSubstr("AdaGrad over SGD")));
}

TEST(RenderBounds, AViolatedBoundIsReportedAsViolated) {
  EXPECT_THAT(RenderBounds({Cell("sgd", 1, 0.5, 0.25, 0.24)}),
              HasSubstr("VIOLATED"));
}

}  // namespace
}  // namespace anisograd
