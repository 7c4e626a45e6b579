#include "paper_tables/row.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "paper_tables/golden.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

Row A4a(double reproduced) {
  Row row;
  row.table = "table3";
  row.dataset = "a4a";
  row.method = "sgd";
  row.setting = "batch_size=4";
  row.quantity = "suboptimality";
  row.reproduced = reproduced;
  return row;
}

// Published: 2.32e-3 +- 0.34e-3; 10 % is 0.232e-3, 25 % is 0.58e-3.
TEST(Judge, MatchesWithinTheLargerOfToleranceAndPublishedSpread) {
  const Published published = ReadPublished();
  const auto verdict = [&](double x) {
    Row row = A4a(x);
    published.Judge(&row);
    EXPECT_EQ(row.published, 2.32e-3);
    EXPECT_EQ(row.published_std, 3.4e-4);
    return row.verdict;
  };
  EXPECT_EQ(verdict(2.32e-3), Verdict::kMatch);
  EXPECT_EQ(verdict(2.66e-3), Verdict::kMatch);
  EXPECT_EQ(verdict(1.98e-3), Verdict::kMatch);
  EXPECT_EQ(verdict(2.67e-3), Verdict::kClose);
  EXPECT_EQ(verdict(2.90e-3), Verdict::kClose);
  EXPECT_EQ(verdict(2.91e-3), Verdict::kDiffers);
}

TEST(Judge, StandInsAreNotComparable) {
  Row row = A4a(2.32e-3);
  row.scale_note = "stand-in";
  ReadPublished().Judge(&row);
  EXPECT_EQ(row.verdict, Verdict::kNotComparable);
  EXPECT_EQ(row.published, 2.32e-3);
}

// Also where the paper has no such number.
TEST(Judge, StandInsOfOtherMethodsAreNotComparableEither) {
  Row row = A4a(2.32e-3);
  row.method = "adam";
  row.scale_note = "stand-in";
  ReadPublished().Judge(&row);
  EXPECT_EQ(row.verdict, Verdict::kNotComparable);
  EXPECT_FALSE(row.published.has_value());
}

TEST(Judge, APublishedSpreadOfZeroIsOne) {
  Row row = A4a(1e-4);
  row.dataset = "a6a";
  row.method = "adagrad";
  row.setting = "batch_size=1";
  ReadPublished().Judge(&row);
  EXPECT_EQ(row.published_std, 0.0);
  // Table 2 prints no spreads.
  Row statistic;
  statistic.table = "table2";
  statistic.dataset = "a4a";
  statistic.quantity = "c_var";
  ReadPublished().Judge(&statistic);
  EXPECT_TRUE(statistic.published.has_value());
  EXPECT_FALSE(statistic.published_std.has_value());
}

TEST(Judge, WhatIsNotPublishedSaysSo) {
  Row row = A4a(2.32e-3);
  row.method = "adam";
  ReadPublished().Judge(&row);
  EXPECT_EQ(row.verdict, Verdict::kNotPublished);
  EXPECT_FALSE(row.published.has_value());
}

TEST(Published, HoldsEveryNumberOfThePaper) {
  PublishedNumbers numbers;
  ASSERT_OK(ReadTextProto("paper_tables/published.textproto", &numbers));
  int table2 = 0, table3 = 0, table4 = 0, table5 = 0;
  for (const PublishedNumber& number : numbers.number()) {
    table2 += number.table() == "table2";
    table3 += number.table() == "table3";
    // Table 3 prints every spread, 0.00 included; the others print none.
    EXPECT_EQ(number.has_std(), number.table() == "table3");
    table4 += number.table() == "table4";
    table5 += number.table() == "table5";
  }
  EXPECT_EQ(table2, 25);
  EXPECT_EQ(table3, 60);
  EXPECT_EQ(table4, 12);
  EXPECT_EQ(table5, 9);
}

TEST(Published, RefusesBadTolerances) {
  PublishedNumbers numbers;
  numbers.add_number()->set_quantity("q");
  EXPECT_THAT(
      std::string(Published::Create(numbers, {}).status().message()),
      HasSubstr("\"q\" has no tolerance"));
  Tolerances tolerances;
  Tolerance* t = tolerances.add_tolerance();
  t->set_quantity("q");
  t->set_match(0.2);
  t->set_close(0.1);
  t->set_reason("r");
  EXPECT_FALSE(Published::Create(numbers, tolerances).ok());
  t->set_close(0.3);
  EXPECT_OK(Published::Create(numbers, tolerances).status());
  t->clear_reason();
  EXPECT_FALSE(Published::Create(numbers, tolerances).ok());
}

TEST(RenderCsv, QuotesWhatNeedsIt) {
  Row row = A4a(2.5e-3);
  row.spread = 1.0 / 3;
  row.scale_note = "half, \"so to say\"";
  row.target = "//a:b";
  EXPECT_EQ(RenderCsv({row}),
            "table,dataset,method,setting,quantity,published,published_std,"
            "reproduced,spread,verdict,scale_note,target\n"
            "table3,a4a,sgd,batch_size=4,suboptimality,,,0.0025,0.333333,"
            "NOT_PUBLISHED,\"half, \"\"so to say\"\"\",//a:b\n");
}

}  // namespace
}  // namespace anisograd
