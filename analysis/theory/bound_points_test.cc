#include "analysis/theory/bound_points.h"

#include <string>

#include "gtest/gtest.h"

namespace anisograd {
namespace {

CellBounds Cell(const std::string& method) {
  CellBounds cell;
  cell.set_family("a4a");
  cell.set_method(method);
  cell.set_batch_size(16);
  return cell;
}

void AddRun(bool selected, double measured, double bound, CellBounds* cell) {
  RunBounds& run = *cell->add_run();
  run.set_selected(selected);
  TheoremBound& theorem = *run.add_theorem();
  theorem.set_measured(measured);
  if (bound > 0) theorem.set_bound(bound);
  // D.3's or 4.3's is about something else.
  run.add_theorem()->set_bound(1e9);
}

TEST(BoundPointsCsv, OneLineACellAndStep) {
  CellBounds adagrad = Cell("adagrad"), sgd = Cell("sgd");
  AddRun(true, 0.001, 20, &adagrad);
  AddRun(false, 0.5, 3, &adagrad);
  sgd.mutable_dataset()->set_stand_in(true);
  AddRun(true, 0.02, 0, &sgd);
  const std::string head =
      "# caption: The mean of f(w_t) - f(w*) along the path and what Theorems "
      "4.1 (AdaGrad) and D.1 (SGD) say of it";
  const std::string lines =
      "\nfamily,method,step,batch_size,measured,bound\n"
      "a4a,AdaGrad,selected,16,0.001,20\n"
      "a4a,AdaGrad,largest,16,0.5,3\n";
  EXPECT_EQ(BoundPointsCsv({adagrad}), head + lines);
  EXPECT_EQ(BoundPointsCsv({adagrad, sgd}),
            head + "; no bound at 1 steps" + lines);
  sgd.mutable_run(0)->mutable_theorem(0)->set_bound(0.04);
  EXPECT_EQ(BoundPointsCsv({adagrad, sgd}),
            head + lines + "a4a (stand-in),SGD,selected,16,0.02,0.04\n");
}

}  // namespace
}  // namespace anisograd
