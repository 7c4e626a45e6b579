#include "paper_tables/recorded_run.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "paper_tables/golden.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kHeader[] =
    "table,dataset,method,setting,quantity,reproduced,spread,data,spec,target\n";

Row MakeRow(const std::string& dataset, double value) {
  Row row;
  row.table = "table3";
  row.dataset = dataset;
  row.method = "sgd";
  row.setting = "batch_size=1";
  row.quantity = "suboptimality";
  row.reproduced = value;
  row.spread = 1.0 / 3;
  row.data_digest = "0123456789abcdef and more";
  row.spec_digest = "fedcba9876543210 and more";
  row.target = "//:cell";
  return row;
}

Row StandIn(Row row) {
  row.scale_note = "a stand-in";
  row.data_digest = "of other data";
  return row;
}

RecordedRun Record(const std::vector<Row>& rows) {
  return RecordedRun::Parse(RenderRecorded(rows, {}).value(), "f.csv").value();
}

TEST(RecordedRun, KeepsEveryBit) {
  const Row row = MakeRow("a4a", 0.1 + 0.2);
  Row lost = MakeRow("a6a", 0.0);
  lost.reproduced.reset();
  lost.spread.reset();
  ASSERT_OK_AND_ASSIGN(const std::string text, RenderRecorded({row, lost}, {}));
  EXPECT_EQ(text, absl::StrCat(kHeader,
                               "table3,a4a,sgd,batch_size=1,suboptimality,"
                               "0.30000000000000004,0.33333333333333331,"
                               "0123456789abcdef,fedcba9876543210,//:cell\n"
                               "table3,a6a,sgd,batch_size=1,suboptimality,,,"
                               "0123456789abcdef,fedcba9876543210,//:cell\n"));
  const RecordedRun run = Record({row, lost});
  EXPECT_EQ(run.Find(row)->reproduced, 0.1 + 0.2);
  EXPECT_EQ(run.Find(row)->spread, 1.0 / 3);
  EXPECT_FALSE(run.Find(lost)->reproduced.has_value());
  const Comparison same = CompareWithRecorded({row, lost}, run);
  EXPECT_EQ(same.numbers, 2);
  EXPECT_EQ(same.equal, 2);
  EXPECT_THAT(MakeRecordedTable(same).notes,
              ElementsAre("2 of 2 numbers equal the recorded run to the last "
                          "digit."));
}

TEST(CompareWithRecorded, OneBitIsADifference) {
  const RecordedRun run = Record({MakeRow("a4a", 0.3), MakeRow("a6a", 1.0)});
  const Comparison c = CompareWithRecorded(
      {MakeRow("a4a", 0.1 + 0.2), MakeRow("a6a", 1.0)}, run);
  EXPECT_EQ(c.equal, 1);
  EXPECT_THAT(
      MakeRecordedTable(c).notes,
      ElementsAre("table3 a4a sgd batch_size=1 suboptimality: "
                  "0.30000000000000004 (spread 0.33333333333333331) here, "
                  "0.29999999999999999 (spread 0.33333333333333331) recorded",
                  "1 of 2 numbers equal the recorded run to the last digit."));
  Row other_spread = MakeRow("a4a", 0.3);
  other_spread.spread = 0.25;
  EXPECT_EQ(CompareWithRecorded({other_spread}, run).equal, 0);
}

TEST(CompareWithRecorded, AChangedSpecOrDataSetIsRefused) {
  const RecordedRun run = Record({MakeRow("a4a", 0.3)});
  Row row = MakeRow("a4a", 0.3);
  row.spec_digest = "of another spec";
  Comparison c = CompareWithRecorded({row}, run);
  EXPECT_EQ(c.equal, 0);
  EXPECT_THAT(c.others[0], HasSubstr("refused, its spec has changed since"));
  row = MakeRow("a4a", 0.3);
  row.data_digest = "of other data";
  c = CompareWithRecorded({row}, run);
  EXPECT_EQ(c.equal, 0);
  EXPECT_THAT(c.others[0], HasSubstr("refused, its data have changed since"));
}

TEST(CompareWithRecorded, SaysWhatIsNotRecordedAndWhatIsGone) {
  const RecordedRun run = Record({MakeRow("a4a", 0.3)});
  const Comparison c = CompareWithRecorded({MakeRow("a6a", 0.3)}, run);
  EXPECT_EQ(c.numbers, 2);
  EXPECT_EQ(c.equal, 0);
  EXPECT_THAT(c.others,
              ElementsAre("table3 a6a sgd batch_size=1 suboptimality: not "
                          "recorded",
                          HasSubstr("table3 a4a sgd batch_size=1 suboptimality: "
                                    "not in this run, 0.29999999999999999")));
}

TEST(CompareWithRecorded, StandInsAreNotCompared) {
  const RecordedRun run = Record({MakeRow("rcv1", 0.3)});
  const Row row = StandIn(MakeRow("rcv1", 0.3));
  Comparison c = CompareWithRecorded({row}, run);
  EXPECT_EQ(c.numbers, 0);
  EXPECT_EQ(c.beside, 1);
  EXPECT_EQ(c.refused, 0);
  Row changed = row;
  changed.spec_digest = "of another spec";
  c = CompareWithRecorded({changed}, run);
  EXPECT_EQ(c.beside, 0);
  EXPECT_EQ(c.refused, 1);
  EXPECT_THAT(RenderText(MakeRecordedTable(c)), HasSubstr("the spec is another"));
}

TEST(RecordedRun, StandsBesideAStandInOfTheSameSpec) {
  const Published published = ReadPublished();
  // Published for a4a: 2.66e-3.
  const RecordedRun run = Record({MakeRow("a4a", 2.7e-3)});
  const Row row = StandIn(MakeRow("a4a", 0.9));
  const std::optional<Row> beside = run.Beside(row, published);
  ASSERT_TRUE(beside.has_value());
  EXPECT_EQ(beside->reproduced, 2.7e-3);
  EXPECT_EQ(beside->verdict, Verdict::kMatch);
  EXPECT_EQ(beside->scale_note, "recorded");
  EXPECT_TRUE(beside->recorded);
  Row changed = row;
  changed.spec_digest = "of another spec";
  EXPECT_FALSE(run.Beside(changed, published).has_value());
  // Not beside an official number, nor where nothing is recorded.
  EXPECT_FALSE(run.Beside(MakeRow("a4a", 0.9), published).has_value());
  EXPECT_FALSE(RecordedRun().Beside(row, published).has_value());
  // It is no number of this run.
  const Comparison c = CompareWithRecorded({row, *beside}, run);
  EXPECT_EQ(c.numbers, 0);
  EXPECT_EQ(c.beside, 1);
}

// A machine without rcv1 keeps what another one recorded, unless its spec changed.
TEST(RenderRecorded, KeepsWhatStandsInHere) {
  const RecordedRun before = Record({MakeRow("a4a", 0.3), MakeRow("rcv1", 0.7)});
  const Row stand_in = StandIn(MakeRow("rcv1", 0.9));
  ASSERT_OK_AND_ASSIGN(
      const std::string after,
      RenderRecorded({MakeRow("a4a", 0.5), stand_in,
                      *before.Beside(stand_in, ReadPublished())},
                     before));
  EXPECT_THAT(after, HasSubstr("a4a,sgd,batch_size=1,suboptimality,0.5,"));
  EXPECT_THAT(after,
              HasSubstr("rcv1,sgd,batch_size=1,suboptimality,0.69999999999999996"));
  Row changed = stand_in;
  changed.spec_digest = "of another spec";
  ASSERT_OK_AND_ASSIGN(const std::string without,
                       RenderRecorded({changed}, before));
  EXPECT_EQ(without, kHeader);
}

TEST(RenderRecorded, RefusesAKeyThatStandsTwice) {
  EXPECT_THAT(std::string(RenderRecorded({MakeRow("a4a", 1), MakeRow("a4a", 2)}, {})
                              .status()
                              .message()),
              HasSubstr("table3 a4a sgd batch_size=1 suboptimality: stands twice"));
}

TEST(RenderRecorded, RefusesACommaInAField) {
  EXPECT_THAT(std::string(RenderRecorded({MakeRow("a,4a", 1)}, {})
                              .status()
                              .message()),
              HasSubstr("has a comma in a field"));
}

TEST(MakeRecordedTable, ListsNoMoreThanATerminalTakes) {
  std::vector<Row> rows;
  for (int i = 0; i < 100; ++i) rows.push_back(MakeRow(absl::StrCat("d", i), i));
  const Table table = MakeRecordedTable(CompareWithRecorded(rows, {}));
  EXPECT_EQ(table.notes.size(), 42u);
  EXPECT_EQ(table.notes[40], "and 60 more.");
  EXPECT_EQ(table.notes[41],
            "0 of 100 numbers equal the recorded run to the last digit.");
}

TEST(RecordedRun, ErrorsNameFileLineAndField) {
  const auto message = [](const std::string& text) {
    return std::string(RecordedRun::Parse(text, "f.csv").status().message());
  };
  EXPECT_THAT(message(""), HasSubstr("f.csv:1: header: must be table,"));
  EXPECT_EQ(message(absl::StrCat(kHeader, "a,b\n")),
            "f.csv:2: has 2 fields, not 10");
  EXPECT_EQ(message(absl::StrCat(kHeader, "t,d,m,s,q,x,,1,2,g\n")),
            "f.csv:2: reproduced: \"x\" is not a number");
  EXPECT_EQ(message(absl::StrCat(kHeader, "t,d,m,s,q,1,y,1,2,g\n")),
            "f.csv:2: spread: \"y\" is not a number");
  EXPECT_EQ(message(absl::StrCat(kHeader, "t,d,m,s,q,1,,1,2,g\n",
                                 "t,d,m,s,q,2,,1,2,g\n")),
            "f.csv:3: t d m s q stands twice");
  ASSERT_OK_AND_ASSIGN(const RecordedRun none,
                       RecordedRun::Parse(kHeader, "f.csv"));
  EXPECT_TRUE(none.rows().empty());
}

// The file in the tree is one that every run can read.
TEST(RecordedRun, TheRecordedFileIsWellFormed) {
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       ReadFile("paper_tables/recorded.csv"));
  EXPECT_OK(RecordedRun::Parse(text, "paper_tables/recorded.csv").status());
}

}  // namespace
}  // namespace anisograd
