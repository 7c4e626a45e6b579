#include "paper_tables/report/latex.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(LatexTest, KeysAreTheCsvs) {
  RunReport report;
  RunReport::Row* row = report.add_row();
  row->set_table("table3");
  row->set_dataset("a9a");
  row->set_method("adagrad");
  row->set_setting("batch_size=64");
  row->set_quantity("suboptimality");
  row->set_reproduced(0.1 + 0.2);
  row->set_spread(0.25);
  row->set_published(0.3);
  row->set_verdict("NOT_COMPARABLE");
  *report.add_row() = *row;
  report.mutable_row(1)->set_quantity("exact");
  row = report.add_row();
  row->set_table("table2");
  row->set_dataset("a4a");
  row->set_quantity("c_var");
  row->set_recorded(true);
  RunReport::Claim* claim = report.add_claim();
  claim->set_name("c");
  claim->set_verdict("NOT_TESTED");
  const auto files = MakeLatex(report, {});
  ASSERT_EQ(files.size(), 1);
  EXPECT_EQ(files[0].first, "numbers.tex");
  const std::string& text = files[0].second;
  EXPECT_THAT(
      text,
      HasSubstr(
          "\\AnisogradSet{table3/a9a/adagrad/m64}{value}{0.30000000000000004}\n"
          "\\AnisogradSet{table3/a9a/adagrad/m64}{pm}{0.25}\n"
          "\\AnisogradSet{table3/a9a/adagrad/m64}{pub}{0.3}\n"
          "\\AnisogradSet{table3/a9a/adagrad/m64}{verdict}{NOT COMPARABLE}\n"));
  EXPECT_THAT(text, HasSubstr("{table3/a9a/adagrad/m64/exact}{pm}{0.25}"));
  EXPECT_THAT(text, HasSubstr("{table2/a4a/c_var/recorded}{verdict}"));
  EXPECT_THAT(text, Not(HasSubstr("{table2/a4a/recorded}")));
  EXPECT_THAT(text, HasSubstr("{claims/c}{verdict}{NOT TESTED}"));
}

TEST(LatexTest, TablesAndFiguresHaveCaptions) {
  RunReport report;
  RunReport::Table* table = report.add_table();
  table->set_id("t");
  table->set_title("A_B");
  table->add_header("first");
  table->add_header("M = 4");
  const auto list = MakeLatex(report, {{"f", "Title 5 %\nWords.\nNote: x_y\n"}});
  const std::map<std::string, std::string> files(list.begin(), list.end());
  EXPECT_THAT(files.at("table_t.tex"), HasSubstr("\\caption{A\\_B}\n\\label{tab:t}"));
  EXPECT_THAT(files.at("table_t.tex"), HasSubstr("first & M = 4"));
  EXPECT_THAT(files.at("figure_f.tex"),
              HasSubstr("\\caption[Title 5 \\%]{Title 5 \\%. Words. Note: "
                        "x\\_y}\n\\label{fig:f}"));
}

}  // namespace
}  // namespace anisograd
