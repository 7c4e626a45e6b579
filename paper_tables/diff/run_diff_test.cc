#include "paper_tables/diff/run_diff.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHeader[] =
    "table,dataset,method,setting,quantity,published,published_std,reproduced,"
    "spread,verdict,scale_note,target\n";

std::vector<CsvNumber> Parse(const std::string& lines) {
  const auto run = ParseRun(absl::StrCat(kHeader, lines), "f.csv");
  EXPECT_TRUE(run.ok()) << run.status();
  return run.ok() ? *run : std::vector<CsvNumber>();
}

std::string ErrorOf(const std::string& text) {
  return std::string(ParseRun(text, "f.csv").status().message());
}

// One number of a9a.
std::string Line(const std::string& quantity, const std::string& value,
                 const std::string& spread, const std::string& verdict,
                 const std::string& note = "") {
  return absl::StrCat("table3,a9a,sgd,,", quantity, ",1,,", value, ",", spread,
                      ",", verdict, ",", note, ",//:t\n");
}

TEST(ParseRunTest, QuotesAndKeys) {
  const auto run = Parse(
      "table4,alpaca,sgd,batch_size=32,loss,2.2,,3.1,,NOT_COMPARABLE,\"a, "
      "\"\"b\"\"\",//:t\r\nclaims,,,,c,,,,,HOLDS,,\n" +
      Line("x", "", "", "MATCH") + Line("x", "2", "", "MATCH", "recorded"));
  ASSERT_EQ(run.size(), 4);
  EXPECT_EQ(run[0].key, "table4/alpaca/sgd/batch_size=32/loss");
  EXPECT_EQ(run[0].scale_note, "a, \"b\"");
  EXPECT_EQ(run[0].reproduced, 3.1);
  EXPECT_FALSE(run[0].is_claim);
  EXPECT_TRUE(run[1].is_claim);
  EXPECT_FALSE(run[2].reproduced.has_value());
  EXPECT_THAT(run[3].key, HasSubstr("(recorded)"));
}

TEST(ParseRunTest, TheLastLineMayBeWithoutItsEnd) {
  const std::string header(kHeader, sizeof(kHeader) - 2);
  ASSERT_OK_AND_ASSIGN(const std::vector<CsvNumber> none,
                       ParseRun(header, "f.csv"));
  EXPECT_TRUE(none.empty());
  std::string line = Line("x", "1", "", "MATCH");
  line.pop_back();
  EXPECT_EQ(Parse(line).size(), 1u);
}

TEST(ParseRunTest, Refusals) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("f.csv:1: header: must be table,"));
  EXPECT_THAT(ErrorOf("a,b\n"), HasSubstr("f.csv:1: header"));
  EXPECT_EQ(ErrorOf(absl::StrCat(kHeader, "table3,a\n")),
            "f.csv:2: has 2 fields, not 12");
  EXPECT_EQ(ErrorOf(absl::StrCat(kHeader, Line("x", "1", "", "MATCH"),
                                 Line("y", "one", "", "MATCH"))),
            "f.csv:3: reproduced: \"one\" is not a number");
  EXPECT_THAT(ErrorOf(absl::StrCat(kHeader, Line("x", "1", "", "MATCH"),
                                   Line("x", "1", "", "MATCH"))),
              HasSubstr("f.csv:3: table3/a9a/sgd/x stands twice"));
  EXPECT_EQ(ErrorOf(absl::StrCat(kHeader, "\"a\n")),
            "f.csv:2: a quote is not closed");
}

TEST(ParseRunTest, ReadsTheFileThatTablesWrite) {
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       ReadFile("paper_tables/testdata/tables.csv"));
  ASSERT_OK_AND_ASSIGN(const std::vector<CsvNumber> run, ParseRun(text, "f"));
  EXPECT_GT(run.size(), 10);
  EXPECT_TRUE(DiffRuns(run, run).empty());
}

TEST(DiffRunsTest, VerdictsFirstThenTheLargestChange) {
  const auto before = Parse(
      Line("same", "1", "0.1", "MATCH") + Line("within", "1", "0.1", "MATCH") +
      Line("beyond", "1", "0.1", "CLOSE") + Line("far", "1", "0.1", "CLOSE") +
      Line("judged", "1", "0.1", "MATCH") + Line("gone", "1", "", "MATCH") +
      Line("none", "", "", "DIFFERS") + Line("scale", "1", "", "X", "half") +
      "claims,,,,c,,,,,HOLDS,18 of 18,\nclaims,,,,d,,,,,FAILS,0 of 3,\n");
  const auto after = Parse(
      Line("same", "1", "0.1", "MATCH") +
      Line("within", "1.05", "0.1", "MATCH") +
      Line("beyond", "1.2", "0.1", "CLOSE") + Line("far", "9", "0.1", "CLOSE") +
      Line("judged", "1.01", "0.1", "CLOSE") + Line("new", "1", "", "MATCH") +
      Line("none", "2", "", "DIFFERS") + Line("scale", "1", "", "X", "whole") +
      "claims,,,,c,,,,,FAILS,17 of 18,\nclaims,,,,d,,,,,FAILS,1 of 3,\n");
  const RunDiff diff = DiffRuns(before, after);
  const std::string text = RenderDiff(diff, false);
  EXPECT_EQ(text,
            "Verdicts and claims that changed: 2\n"
            "  claims/c: HOLDS -> FAILS: 17 of 18\n"
            "  table3/a9a/sgd/judged: MATCH -> CLOSE: 1 -> 1.01\n"
            "\n"
            "Numbers that changed beyond their spread: 4\n"
            "  table3/a9a/sgd/none: none -> 2\n"
            "  table3/a9a/sgd/scale: 1 -> 1; half -> whole\n"
            "  table3/a9a/sgd/far: 1 -> 9 (spread 0.1)\n"
            "  table3/a9a/sgd/beyond: 1 -> 1.2 (spread 0.1)\n"
            "\n"
            "Lines of one run alone: 2\n"
            "  table3/a9a/sgd/new: new: 1, MATCH\n"
            "  table3/a9a/sgd/gone: gone: 1, MATCH\n"
            "\n"
            "1 numbers changed within their spread, 2 are equal.\n");
  EXPECT_THAT(RenderDiff(diff, true),
              HasSubstr("| `claims/c` | HOLDS → FAILS: 17 of 18 |\n"));
}

TEST(DiffRunsTest, AChangedPublishedNumberIsAChange) {
  const auto line = [](const char* published, const char* verdict) {
    return Parse(absl::StrCat("table3,a9a,sgd,,x,", published,
                              ",,0.5,0.1,", verdict, ",,//:t\n"));
  };
  RunDiff diff = DiffRuns(line("0.5", "MATCH"), line("0.51", "MATCH"));
  ASSERT_EQ(diff.numbers.size(), 1u);
  EXPECT_EQ(diff.numbers[0].what,
            "0.5 -> 0.5; published 0.5 -> 0.51 (spread 0.1)");
  diff = DiffRuns(line("0.5", "MATCH"), line("", "NOT_PUBLISHED"));
  EXPECT_EQ(diff.verdicts[0].what,
            "MATCH -> NOT_PUBLISHED: 0.5 -> 0.5; published 0.5 -> none");
}

TEST(DiffRunsTest, WhatIsNoNumberIsFirst) {
  const auto run = [](const std::string& a, const std::string& b) {
    return Parse(Line("a", a, "", "X") + Line("b", b, "", "X") +
                 Line("c", b, "", "X"));
  };
  const RunDiff diff = DiffRuns(run("1", "1"), run("2", "nan"));
  ASSERT_EQ(diff.numbers.size(), 3u);
  EXPECT_EQ(diff.numbers[0].what, "1 -> nan");
  EXPECT_EQ(diff.numbers[1].what, "1 -> nan");
  EXPECT_EQ(diff.numbers[2].what, "1 -> 2");
  EXPECT_TRUE(DiffRuns(run("1", "nan"), run("1", "nan")).empty());
}

TEST(DiffRunsTest, NothingChanged) {
  const auto run = Parse(Line("x", "1", "", "MATCH"));
  const RunDiff diff = DiffRuns(run, run);
  EXPECT_TRUE(diff.empty());
  EXPECT_EQ(RenderDiff(diff, false),
            "0 numbers changed within their spread, 1 are equal.\n");
  // Without a spread any change counts.
  EXPECT_FALSE(DiffRuns(run, Parse(Line("x", "1.00001", "", "MATCH"))).empty());
}

}  // namespace
}  // namespace anisograd
