// Golden tables of made-up results. After a wanted change of layout:
//   UPDATE_GOLDEN=1 bazel run //paper_tables:convex_tables_test

#include "paper_tables/convex_tables.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "paper_tables/golden.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

// a4a near its published values, and rcv1 as a stand-in with an exploded cell.
std::vector<ConvexQuantities> MadeUp() {
  std::vector<ConvexQuantities> out(2);
  for (int i = 0; i < 2; ++i) {
    ConvexQuantities& d = out[i];
    d.dataset.set_name(i == 0 ? "a4a" : "rcv1");
    d.dataset.set_features(i == 0 ? 123 : 47236);
    if (i == 1) {
      d.dataset.set_stand_in(true);
      d.dataset.set_note("a made-up stand-in");
    }
    d.in_paper = true;
    d.target = absl::StrCat("//experiments/logistic:", d.dataset.name());
    d.constants.set_smoothness_l1(i == 0 ? 14.865 : 2.0);
    d.constants.set_smoothness_linf(i == 0 ? 7.259 : 1.02);
    d.constants.set_target("//analysis:constants");
    d.diameters = {9.5, 31.0};
    d.diameters_exact = Diameters{20.0, 60.0};
    d.optimum_gap = 1.5e-5;
    const double unit = i == 0 ? 1e-3 : 1e-1;
    const std::pair<std::string, double> methods[] = {
        {"sgd", 2.5}, {"adagrad", 0.22}, {"adam", 0.4}};
    for (const auto& [method, loss] : methods) {
      for (const int64_t m : {1, 64}) {
        CellQuantities cell;
        cell.method = method;
        cell.batch_size = m;
        cell.target = absl::StrCat("//:", method, m);
        cell.runs = 24;
        cell.exploded_runs = 6;
        if (!(i == 1 && m == 64 && method == "sgd")) {
          cell.suboptimality =
              Quantity{loss * unit, 0.05 * unit, absl::StrCat("//:", method)};
          cell.suboptimality_exact =
              Quantity{(loss + 0.01) * unit, 0.05 * unit, "//:x"};
        }
        d.cells.push_back(cell);
      }
      d.min_suboptimality.push_back(
          {method, Quantity{loss * 1e-4, std::nullopt, "//:min"}});
    }
  }
  return out;
}

TEST(ConvexTables, Golden) {
  const Published published = ReadPublished();
  const std::vector<ConvexQuantities> datasets = MadeUp();
  RateTable rates;
  ASSERT_OK(ReadTextProto("paper_tables/rates.textproto", &rates));
  std::string text, markdown, latex;
  std::vector<Row> rows;
  for (const RenderedTable& t :
       {MakeTable1(rates), MakeTable2(datasets, published),
        MakeTable3(datasets, published), MakeTable5(datasets, published)}) {
    text += RenderText(t.table) + "\n";
    markdown += RenderMarkdown(t.table) + "\n";
    latex += RenderLatex(t.table) + "\n";
    rows.insert(rows.end(), t.rows.begin(), t.rows.end());
  }
  CompareWithGolden("tables.txt", text);
  CompareWithGolden("tables.md", markdown);
  CompareWithGolden("tables.tex", latex);
  CompareWithGolden("tables.csv", RenderCsv(rows));
}

// a4a's numbers as those of data sets that the paper does not have.
std::vector<ConvexQuantities> WithOthers() {
  std::vector<ConvexQuantities> out = MadeUp();
  for (const char* name : {"small", "large"}) {
    ConvexQuantities d = out[0];
    d.in_paper = false;
    d.dataset.set_name(name);
    if (d.dataset.name() == "large") {
      d.dataset.set_features(20000);
      d.dataset.set_stand_in(true);
      d.dataset.set_note("made up, too");
    }
    out.insert(out.begin(), d);
  }
  return out;
}

TEST(ConvexTables, DataSetsThatAreNotInThePaperStandApart) {
  const Published published = ReadPublished();
  const std::vector<ConvexQuantities> paper = MadeUp(), all = WithOthers();
  std::string text;
  for (const auto make : {MakeTable2, MakeTable3, MakeTable5}) {
    const RenderedTable without = make(paper, published);
    const RenderedTable with = make(all, published);
    text += RenderText(with.table) + "\n";
    // Neither caption nor groups of the paper's data sets know of the others.
    EXPECT_EQ(with.table.title, without.table.title);
    const size_t groups = without.table.groups.size();
    ASSERT_EQ(with.table.groups.size(), groups + 2);
    for (size_t g = 0; g < groups; ++g) {
      EXPECT_EQ(with.table.groups[g].rows, without.table.groups[g].rows);
      EXPECT_EQ(with.table.groups[g].title, "");
    }
    EXPECT_THAT(with.table.groups[groups].title,
                testing::StartsWith("Not in the paper"));
    // The paper's rows of the CSV, and then the others', without a verdict.
    ASSERT_GT(with.rows.size(), without.rows.size());
    for (size_t i = 0; i < with.rows.size(); ++i) {
      if (i < without.rows.size()) {
        EXPECT_EQ(RenderCsv({with.rows[i]}), RenderCsv({without.rows[i]}));
      } else {
        EXPECT_EQ(with.rows[i].verdict, Verdict::kNotPublished);
        EXPECT_FALSE(with.rows[i].published.has_value());
        EXPECT_NE(with.rows[i].dataset, "a4a");
      }
    }
  }
  CompareWithGolden("tables_not_in_the_paper.txt", text);
}

TEST(ConvexTables, AloneNeedNoTitle) {
  const ConvexQuantities other = WithOthers()[0];
  ASSERT_FALSE(other.in_paper);
  const RenderedTable table = MakeTable3({other}, ReadPublished());
  ASSERT_EQ(table.table.groups.size(), 1u);
  EXPECT_EQ(table.table.groups[0].title, "");
  EXPECT_THAT(table.table.title, testing::HasSubstr("in 1e-1 (large)"));
}

// Where every run exploded there is no diameter, and no "nan" either.
TEST(ConvexTables, WhatIsNoNumberIsAnEmptyCell) {
  std::vector<ConvexQuantities> datasets = MadeUp();
  datasets.resize(1);
  ConvexQuantities& d = datasets[0];
  d.diameters = {};
  d.diameters_exact = Diameters{};
  d.min_suboptimality.clear();
  for (CellQuantities& cell : d.cells) {
    cell.exploded_runs = cell.runs;
    cell.suboptimality.reset();
    cell.suboptimality_exact.reset();
  }
  const Published published = ReadPublished();
  for (const RenderedTable& t :
       {MakeTable2(datasets, published), MakeTable3(datasets, published),
        MakeTable5(datasets, published)}) {
    const std::string all = RenderText(t.table) + RenderMarkdown(t.table) +
                            RenderLatex(t.table) + RenderCsv(t.rows);
    EXPECT_EQ(all.find("nan"), std::string::npos) << all;
    EXPECT_EQ(all.find(" 0.00"), std::string::npos) << all;
  }
  const std::vector<Row> rows = MakeTable2(datasets, published).rows;
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[0].quantity, "diameter_linf");
  EXPECT_FALSE(rows[0].reproduced.has_value());
  EXPECT_EQ(rows[2].quantity, "smoothness_l1");
  EXPECT_TRUE(rows[2].reproduced.has_value());
}

TEST(ConvexTables, FitATerminalOfAHundredColumns) {
  const Published published = ReadPublished();
  std::vector<ConvexQuantities> datasets = WithOthers();
  // The widest table has all six batch sizes and AdaGrad-Norm.
  for (ConvexQuantities& d : datasets) {
    CellQuantities cell = d.cells[0];
    for (const int64_t m : {4, 16, 256, 1024}) {
      cell.batch_size = m;
      d.cells.push_back(cell);
    }
    cell.method = "adagrad_norm";
    d.cells.push_back(cell);
  }
  for (const RenderedTable& t :
       {MakeTable2(datasets, published), MakeTable3(datasets, published),
        MakeTable5(datasets, published)}) {
    for (const auto line : absl::StrSplit(RenderText(t.table), '\n')) {
      int width = 0;
      for (const char c : line) width += (c & 0xC0) != 0x80;
      EXPECT_LE(width, 100) << line;
    }
  }
}

TEST(WrapText, BreaksAtBlanks) {
  EXPECT_EQ(WrapText("aa bb cc dd", 6, 2), "aa bb\n  cc\n  dd");
  EXPECT_EQ(WrapText("aaaaaaaaaa b", 4, 0), "aaaaaaaaaa\nb");
}

}  // namespace
}  // namespace anisograd
