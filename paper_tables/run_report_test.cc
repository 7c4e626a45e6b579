#include "paper_tables/run_report.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Row MakeRow(const std::string& dataset, const std::string& note,
            Verdict verdict) {
  Row row;
  row.table = "table3";
  row.dataset = dataset;
  row.quantity = "q";
  row.published = 1.0;
  row.reproduced = 0.1;
  row.scale_note = note;
  row.verdict = verdict;
  return row;
}

RunReport MakeReport(int claims) {
  std::vector<Claim> list;
  for (int i = 0; i < claims; ++i) {
    list.push_back({absl::StrCat("c", i), absl::StrCat("claim ", i),
                    i % 2 == 0 ? Claim::Verdict::kNotTested
                               : Claim::Verdict::kHolds,
                    std::string(120, 'x') + " \"quoted\"", ""});
  }
  Row recorded = MakeRow("a", "recorded", Verdict::kMatch);
  recorded.recorded = true;
  // Of data sets that the paper has no number of, and of one that it has.
  Row synthetic = MakeRow("tail", "", Verdict::kNotPublished);
  synthetic.published.reset();
  Row beside = synthetic;
  beside.dataset = "a";
  const std::vector<Row> rows = {
      MakeRow("s", "stands in", Verdict::kNotComparable), synthetic, beside,
      MakeRow("a", "", Verdict::kMatch), MakeRow("b", "", Verdict::kDiffers),
      recorded};
  Comparison comparison;
  comparison.numbers = 3;
  comparison.equal = 2;
  return MakeRunReport(list, {}, rows, comparison);
}

TEST(RunReportTest, ARowKeepsWhatItHas) {
  Row row = MakeRow("a", "made up", Verdict::kClose);
  row.published_std = 0.5;
  row.spread = 0.25;
  row.method = "sgd";
  row.setting = "batch_size=4";
  row.target = "//:a";
  row.data_digest = "12";
  row.spec_digest = "34";
  row.reduced = true;
  const RunReport report = MakeRunReport({}, {}, {row}, Comparison());
  ASSERT_EQ(report.row_size(), 1);
  EXPECT_EQ(report.row(0).ShortDebugString(),
            "table: \"table3\" dataset: \"a\" method: \"sgd\" setting: "
            "\"batch_size=4\" quantity: \"q\" published: 1 published_std: 0.5 "
            "reproduced: 0.1 spread: 0.25 verdict: \"CLOSE\" scale_note: \"made "
            "up\" target: \"//:a\" data_digest: \"12\" spec_digest: \"34\" "
            "reduced: true");
}

TEST(RunReportTest, GroupsByScale) {
  const std::vector<ScaleGroup> groups = GroupByScale(MakeReport(0));
  ASSERT_EQ(groups.size(), 3);
  EXPECT_THAT(groups[0].datasets, ElementsAre("a", "b"));
  EXPECT_EQ(groups[0].note, "");
  EXPECT_TRUE(groups[0].in_paper);
  EXPECT_THAT(groups[1].datasets, ElementsAre("tail"));
  EXPECT_EQ(groups[1].note, "");
  EXPECT_FALSE(groups[1].in_paper);
  EXPECT_THAT(groups[2].datasets, ElementsAre("s"));
  EXPECT_EQ(groups[2].note, "stands in");
}

TEST(RunReportTest, SummaryFits24LinesWhateverTheClaims) {
  for (const int claims : {0, 1, 10, 40}) {
    const std::string text = RenderSummary(MakeReport(claims));
    const std::vector<std::string> lines = absl::StrSplit(text, '\n');
    EXPECT_LE(lines.size() - 1, 24) << text;
    for (const std::string& line : lines) EXPECT_LE(line.size(), 102) << line;
    EXPECT_THAT(text, HasSubstr("official data, full scale: a, b\n"));
    EXPECT_THAT(text, HasSubstr("not in the paper: tail\n"));
    EXPECT_THAT(text, HasSubstr("NOT COMPARABLE: s: stands in\n"));
    EXPECT_THAT(text, HasSubstr("Of 3 published numbers: 1 MATCH, 0 CLOSE, 1 "
                                "DIFFERS, 1 NOT_COMPARABLE\n"));
    EXPECT_THAT(text, HasSubstr("2 of 3 numbers equal it\n"));
  }
  EXPECT_THAT(RenderSummary(MakeReport(10)), HasSubstr("NOT TESTED  claim 8"));
  EXPECT_THAT(RenderSummary(MakeReport(40)), HasSubstr("more claims below\n"));
}

TEST(RunReportTest, SummaryFits24LinesWhateverTheScales) {
  RunReport report = MakeReport(40);
  for (int i = 0; i < 30; ++i) {
    RunReport::Row* row = report.add_row();
    row->set_dataset(absl::StrCat("d", i));
    row->set_scale_note(absl::StrCat("note ", i));
  }
  const std::string text = RenderSummary(report);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 24) << text;
  EXPECT_THAT(text, HasSubstr("and 28 more on other data"));
}

TEST(RunReportTest, ClaimLinesAreCsv) {
  const std::vector<Claim> claims = {{"n", "s", Claim::Verdict::kFails,
                                      "0 of 3, \"none\"", ""}};
  EXPECT_EQ(RenderClaimLines(claims),
            "claims,,,,n,,,,,FAILS,\"0 of 3, \"\"none\"\"\",\n");
}

}  // namespace
}  // namespace anisograd
