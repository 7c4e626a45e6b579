#include "paper_tables/general_rule_table.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "paper_tables/golden.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ConvexQuantities MakeDataset() {
  ConvexQuantities d;
  d.dataset.set_name("a4a");
  d.dataset.set_features(123);
  d.in_paper = true;
  d.seeds = 3;
  for (const char* method : {"sgd", "adagrad", "adam"}) {
    for (const int64_t m : {4, 1}) {
      CellQuantities cell;
      cell.method = method;
      cell.batch_size = m;
      cell.target = absl::StrCat("//:", method, m);
      // AdaGrad is the better one at M = 1 alone.
      const double value = cell.method == "adagrad" ? m * 0.5e-3 : 1.25e-3;
      cell.suboptimality = Quantity{9.0, 0.1, cell.target};
      cell.suboptimality_general = Quantity{value, 1e-4, cell.target};
      d.cells.push_back(cell);
    }
  }
  return d;
}

TEST(GeneralRuleTable, CountsStandInsApart) {
  std::vector<ConvexQuantities> datasets = {MakeDataset(), MakeDataset()};
  datasets[1].dataset.set_stand_in(true);
  datasets[1].dataset.set_note("made up");
  EXPECT_THAT(
      MakeGeneralRuleTable(datasets, ReadPublished()).table.notes,
      ElementsAre(
          HasSubstr("1 of 2 pairs on official data; 1 of 2 on stand-ins"),
          "a4a: made up."));
}

TEST(GeneralRuleTable, HasThePapersMethodsBesideThePublishedNumbers) {
  const std::vector<ConvexQuantities> datasets = {MakeDataset()};
  const RenderedTable out = MakeGeneralRuleTable(datasets, ReadPublished());
  EXPECT_THAT(out.table.header,
              ElementsAre("data set", "method", "M = 1", "M = 4"));
  ASSERT_EQ(out.table.groups.size(), 1u);
  const auto& rows = out.table.groups[0].rows;
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_THAT(rows[0], ElementsAre("a4a", "SGD  paper", "2.66", "2.32"));
  EXPECT_EQ(rows[1][2], "1.25");
  EXPECT_EQ(rows[3][2], "0.50");
  EXPECT_EQ(rows[3][3], "2.00");
  EXPECT_THAT(out.table.notes[0],
              HasSubstr("below SGD in 1 of 2 pairs on official data; 0 of 0 on "
                        "stand-ins"));
  ASSERT_EQ(out.rows.size(), 4u);
  EXPECT_EQ(out.rows[0].table, "table3_general");
  EXPECT_EQ(out.rows[0].quantity, "suboptimality_general");
  EXPECT_EQ(out.rows[0].verdict, Verdict::kNotPublished);
  EXPECT_EQ(out.rows[0].spread, 1e-4);
}

TEST(GeneralRuleTable, SaysWhereEverythingExploded) {
  std::vector<ConvexQuantities> datasets = {MakeDataset()};
  datasets[0].cells[0].suboptimality_general.reset();
  const RenderedTable out = MakeGeneralRuleTable(datasets, ReadPublished());
  EXPECT_EQ(out.table.groups[0].rows[1][3], "exploded");
  EXPECT_FALSE(out.rows[1].reproduced.has_value());
}

// As the claim on Table 3 counts it.
TEST(GeneralRuleTable, CountsAPairInWhichAdaGradAloneExploded) {
  std::vector<ConvexQuantities> datasets = {MakeDataset()};
  datasets[0].cells[3].suboptimality_general.reset();
  EXPECT_THAT(MakeGeneralRuleTable(datasets, ReadPublished()).table.notes[0],
              HasSubstr("0 of 2 pairs on official data"));
}

}  // namespace
}  // namespace anisograd
