// Golden tables of made-up results. After a wanted change of layout:
//   UPDATE_GOLDEN=1 bazel run //paper_tables:convex_tables_test

#include "paper_tables/convex_tables.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
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
    d.constants.set_smoothness_l1_valid(i == 0 ? 221.2 : 60.0);
    d.constants.set_smoothness_l1_valid_is_least(i == 0);
    d.constants.set_noise_l1(8.15);
    d.constants.set_noise_l2(1.0);
    d.constants.set_smoothness_linf(i == 0 ? 7.259 : 1.02);
    d.constants.set_target("//analysis:constants");
    d.diameters = {9.5, 31.0, 1.25, 2.5};
    d.extremes = i == 0 ? "over some runs" : "over other runs";
    d.seeds = 3;
    d.infimum.emplace();
    if (i == 0) {
      d.diameters_exact = Diameters{20.0, 60.0};
      d.infimum->certificate = OptimumResult::DUALITY_GAP;
      d.infimum->loss = 0.3;
      d.infimum->gap = 2e-13;
    } else {
      d.infimum->certificate = OptimumResult::SEPARABLE;
    }
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
        cell.spec_digest = absl::StrCat("spec of ", method, m);
        if (!(i == 1 && m == 64 && method == "sgd")) {
          cell.suboptimality =
              Quantity{loss * unit, 0.05 * unit, absl::StrCat("//:", method)};
          cell.suboptimality_exact =
              Quantity{(loss + 0.01) * unit, 0.05 * unit, "//:x"};
          cell.learning_rate = method == "adam" ? 0.01 : 1.0;
          cell.at_edge_of_grid = method == "adam";
          cell.schedule = ScheduleSpec::INVERSE_SQUARE_ROOT;
          cell.seed_suboptimality = {{1, (loss - 0.05) * unit},
                                     {2, (loss + 0.05) * unit}};
        }
        d.cells.push_back(cell);
      }
      d.min_suboptimality.push_back(
          {method, Quantity{loss * 1e-4, 1e-5, "//:min"}});
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
        MakeBoundsTable(datasets, published), MakeTable3(datasets, published), MakeTable5(datasets, published)}) {
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

TEST(ConvexTables, EveryNumberOfAStandInIsMarked) {
  const Published published = ReadPublished();
  const std::vector<ConvexQuantities> datasets = MadeUp();
  for (const RenderedTable& t :
       {MakeTable2(datasets, published), MakeBoundsTable(datasets, published),
        MakeTable3(datasets, published)}) {
    for (const Row& row : t.rows) {
      EXPECT_EQ(row.verdict == Verdict::kNotComparable, row.dataset == "rcv1")
          << row.table << " " << row.method << " " << row.quantity;
    }
    // Its lines in the table, but for the published ones.
    for (const auto& line : t.table.groups[1].rows) {
      if (line[1] == "published" || absl::StrContains(line[1], "paper")) continue;
      for (size_t c = 2; c < line.size(); ++c) {
        EXPECT_TRUE(line[c].empty() || absl::StrContains(line[c], "*"))
            << t.table.id << ": " << line[1] << " " << line[c];
      }
    }
  }
}

// The recorded number stands below the stand-in's, if its spec is the same.
TEST(ConvexTables, RecordedNumbersStandBesideAStandIns) {
  const Published published = ReadPublished();
  std::vector<ConvexQuantities> datasets = MadeUp();
  datasets.erase(datasets.begin());
  // As had where it was recorded: AdaGrad's 0.10e-1 is published at M = 1.
  datasets[0].dataset.set_stand_in(false);
  for (CellQuantities& cell : datasets[0].cells) {
    if (cell.suboptimality) cell.suboptimality->value /= 2.2;
  }
  datasets[0].diameters = {15.0, 640.0};
  std::vector<Row> rows = MakeTable3(datasets, published).rows;
  for (const Row& row : MakeTable2(datasets, published).rows) {
    rows.push_back(row);
  }
  ASSERT_OK_AND_ASSIGN(const std::string text, RenderRecorded(rows, {}));
  ASSERT_OK_AND_ASSIGN(const RecordedRun recorded,
                       RecordedRun::Parse(text, "f.csv"));

  datasets = MadeUp();
  datasets.erase(datasets.begin());
  const RenderedTable table3 = MakeTable3(datasets, published, recorded);
  const auto& lines = table3.table.groups[0].rows;
  // SGD, then AdaGrad: paper, ours, recorded.
  ASSERT_EQ(lines.size(), 8u);
  EXPECT_EQ(lines[4][2], "0.22±0.05* ");
  EXPECT_EQ(lines[5][1], "  recorded");
  EXPECT_EQ(lines[5][2], "0.10±0.05= ");
  const RenderedTable table2 = MakeTable2(datasets, published, recorded);
  EXPECT_EQ(table2.table.groups[0].rows[2][1], "recorded");
  EXPECT_EQ(table2.table.groups[0].rows[2][2], "15.00=");
  int recorded_rows = 0;
  for (const Row& row : table2.rows) recorded_rows += row.recorded;
  EXPECT_EQ(recorded_rows, 5);
  for (const RenderedTable& t : {table2, table3}) {
    EXPECT_TRUE(absl::StrContains(RenderText(t.table), "recorded.csv"));
  }

  for (CellQuantities& cell : datasets[0].cells) {
    cell.spec_digest = "changed " + cell.spec_digest;
  }
  datasets[0].spec_digest = "changed";
  EXPECT_EQ(MakeTable3(datasets, published, recorded)
                .table.groups[0].rows.size(), 5u);
  EXPECT_EQ(MakeTable2(datasets, published, recorded)
                .table.groups[0].rows.size(), 2u);
}

// Two families on one data set.
TEST(ConvexTables, ReadingsHaveRowsOfTheirOwn) {
  std::vector<ConvexQuantities> datasets = MadeUp();
  datasets[1] = datasets[0];
  datasets[1].reading = "a4a_general";
  datasets[1].in_paper = false;
  datasets[1].seeds = 5;
  RenderedTable t = MakeTable3(datasets, ReadPublished());
  EXPECT_EQ(t.table.title,
            "Table 3: f(w) - f(w*) on logistic regression over 3 seeds with "
            "batch size M, in 1e-3 (a4a)");
  EXPECT_EQ(t.table.groups[1].title, "Not in the paper, in 1e-3 (a4a_general)");
  EXPECT_EQ(t.table.groups[1].rows[0][0], "a4a_general");
  EXPECT_EQ(t.rows.back().dataset, "a4a_general");
  EXPECT_OK(RenderRecorded(t.rows, {}).status());
  datasets[1].in_paper = true;
  t = MakeTable3(datasets, ReadPublished());
  EXPECT_NE(t.table.title.find("over 3, 5 seeds"), std::string::npos);
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
  for (const auto make :
       {MakeTable2, MakeBoundsTable, MakeTable3, MakeTable5}) {
    const RenderedTable without = make(paper, published, {});
    const RenderedTable with = make(all, published, {});
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
        EXPECT_EQ(with.rows[i].verdict, with.rows[i].scale_note.empty()
                                            ? Verdict::kNotPublished
                                            : Verdict::kNotComparable);
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
    // Far from the optimum at every batch size.
    cell.method = "signsgd";
    cell.suboptimality = Quantity{0.21709, 0.00272};
    for (const int64_t m : {1, 4, 16, 64, 256, 1024}) {
      cell.batch_size = m;
      d.cells.push_back(cell);
    }
  }
  for (const RenderedTable& t :
       {MakeTable2(datasets, published), MakeBoundsTable(datasets, published),
        MakeTable3(datasets, published), MakeTable5(datasets, published)}) {
    for (const auto line : absl::StrSplit(RenderText(t.table), '\n')) {
      int width = 0;
      for (const char c : line) width += (c & 0xC0) != 0x80;
      EXPECT_LE(width, 100) << line;
    }
  }
}

TEST(RenderText, ARowThatIsWiderThanTheHeaderIsABug) {
  Table table;
  table.header = {"a", "b"};
  table.groups.push_back({{{"1", "2", "3"}}, ""});
  EXPECT_DEATH(RenderText(table), "");
}

}  // namespace
}  // namespace anisograd
