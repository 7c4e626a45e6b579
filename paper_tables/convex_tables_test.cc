// Golden tables of made-up results. After a wanted change of layout:
//   UPDATE_GOLDEN=1 bazel run //paper_tables:convex_tables_test

#include "paper_tables/convex_tables.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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
  std::vector<ConvexQuantities> datasets = MadeUp();
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
