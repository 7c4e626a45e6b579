#include "figures/data/figure_rows.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

RunReport::Row* AddRow(const char* dataset, const char* quantity,
                       const char* setting, RunReport* report) {
  RunReport::Row* row = report->add_row();
  row->set_table("table3");
  row->set_dataset(dataset);
  row->set_quantity(quantity);
  row->set_setting(setting);
  row->set_published(0.5);
  row->set_reproduced(0.25);
  return row;
}

TEST(FigureRowsTest, BatchSizes) {
  RunReport report;
  EXPECT_THAT(MakeBatchSizesCsv(report),
              EndsWith("# note: There is neither a reproduced nor a published "
                       "number.\npanel,method,source,batch_size,value,low,high\n"));
  RunReport::Row* row =
      AddRow("a", "suboptimality", "batch_size=4", &report);
  row->set_method("adagrad_norm");
  row->set_published_std(0.125);
  row->set_spread(1);
  row = AddRow("b", "training_loss", "batch_size=8", &report);
  row->set_method("sgd");
  row->set_scale_note("2 layers, no more; from a stand-in of the weights");
  row->set_reduced(true);
  row = AddRow("s", "suboptimality", "batch_size=8", &report);
  row->set_method("sgd");
  row->set_scale_note("made up");
  // Not a batch size alone, not published, a recorded number.
  AddRow("c", "suboptimality", "batch_size=4 seed=1", &report)
      ->set_method("sgd");
  row = AddRow("d", "suboptimality", "batch_size=4", &report);
  row->set_method("adam");
  row->clear_published();
  row = AddRow("e", "suboptimality", "batch_size=4", &report);
  row->set_method("sgd");
  row->set_recorded(true);
  // At or below f(w*).
  row = AddRow("f", "suboptimality", "batch_size=4", &report);
  row->set_method("sgd");
  row->set_reproduced(-1e-5);
  const std::string csv = MakeBatchSizesCsv(report);
  EXPECT_THAT(csv, HasSubstr(
                       "# note: b: 2 layers, no more; from a stand-in of the "
                       "weights.\n# note: s: made up.\n"
                       "# note: 1 numbers that are not above 0 are left out.\n"
                       "panel,method,source,batch_size,value,low,high\n"
                       "a,AdaGrad-Norm,reproduced,4,0.25,0.025,1.25\n"
                       "a,AdaGrad-Norm,published,4,0.5,0.375,0.625\n"
                       "b: training loss (reduced),SGD,reproduced,8,0.25,0.25,"
                       "0.25\n"));
  EXPECT_THAT(csv, HasSubstr("\ns (stand-in),SGD,reproduced,8,"));
  EXPECT_THAT(csv, Not(HasSubstr("\nc,")));
  EXPECT_THAT(csv, Not(HasSubstr("\nd,")));
  EXPECT_THAT(csv, Not(HasSubstr("\ne,")));
  EXPECT_THAT(csv, Not(HasSubstr("f,SGD,reproduced")));
  EXPECT_THAT(csv, HasSubstr("f,SGD,published"));
}

TEST(FigureRowsTest, Diameters) {
  RunReport report;
  EXPECT_THAT(MakeDiametersCsv(report), EndsWith("\ndataset,source,d_2,d_inf\n"));
  AddRow("a", "diameter_linf", "", &report);
  AddRow("a", "diameter_l2", "", &report)->clear_published();
  const std::string csv = MakeDiametersCsv(report);
  EXPECT_THAT(csv, HasSubstr("dataset,source,d_2,d_inf\n"
                             "a,reproduced,0.25,0.25\n"));
  EXPECT_THAT(csv, Not(HasSubstr("a,published")));
  EXPECT_THAT(csv, Not(HasSubstr("left out")));
  report.mutable_row(1)->set_reproduced(0.0);
  EXPECT_THAT(MakeDiametersCsv(report),
              HasSubstr("# note: 1 numbers that are not above 0 are left out."));
}

}  // namespace
}  // namespace anisograd
