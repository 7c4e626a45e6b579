#include "paper_tables/beyond/theory_tables.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "paper_tables/recorded_run.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A cell of made-up numbers: |L|_1 = 4, L_inf = 1, |sigma|_1 = 2, |sigma|_2 = 1,
// D_inf = 1, |w_0 - w*|_2 = 2, T = 400 / M.
CellBounds Cell(const std::string& method, int64_t m, double gap, double mean,
                double bound) {
  CellBounds cell;
  cell.mutable_dataset()->set_name("a4a");
  cell.set_family("a4a");
  cell.set_method(method);
  cell.set_batch_size(m);
  cell.set_target("//:" + method);
  cell.set_smoothness_l1(4);
  cell.set_smoothness_linf(1);
  cell.set_noise_l1(2);
  cell.set_noise_l2(1);
  RunBounds& run = *cell.add_run();
  run.set_learning_rate(0.5);
  run.mutable_schedule()->set_kind(ScheduleSpec::CONSTANT);
  run.set_selected(true);
  run.set_steps(400 / m);
  run.set_selected_gap(gap);
  run.set_initial_distance(2);
  run.set_distance_linf(1);
  TheoremBound& t = *run.add_theorem();
  t.set_theorem(method == "sgd" ? "D.1" : "4.1");
  t.set_measured(mean);
  if (bound > 0.0) t.set_bound(bound);
  t.set_bias(bound / 2);
  t.set_variance(bound / 2);
  for (const double value : {mean / 2, mean, bound}) {
    ChainLink& link = *t.add_link();
    link.set_inequality(std::string("step ") + char('a' + t.link_size()));
    link.set_value(value);
  }
  t.add_unmet("no projection");
  return cell;
}

double Find(const std::vector<Row>& rows, const std::string& quantity,
            const std::string& setting) {
  for (const Row& row : rows) {
    if (row.quantity == quantity && row.setting == setting) {
      return *row.reproduced;
    }
  }
  ADD_FAILURE() << quantity << " " << setting;
  return 0.0;
}

TEST(TheoryTables, AViolatedBoundIsReportedAsViolated) {
  const std::string sound =
      RenderText(MakeTheoremsTable({Cell("sgd", 1, 0.1, 0.2, 0.4)}).table);
  EXPECT_THAT(sound, Not(HasSubstr("VIOLATED")));
  EXPECT_THAT(sound, HasSubstr("2"));
  EXPECT_THAT(
      RenderText(MakeTheoremsTable({Cell("sgd", 1, 0.1, 0.2, 0.1)}).table),
      HasSubstr("0.5 VIOLATED"));
  EXPECT_THAT(
      RenderText(MakeTheoremsTable({Cell("sgd", 1, 0.1, 0.2, 0.0)}).table),
      HasSubstr("no bound"));
}

TEST(TheoryTables, SaysWhatTheTheoremsOfTheCsvAloneAskFor) {
  CellBounds cell = Cell("sgd", 1, 0.1, 0.2, 0.4);
  cell.mutable_run(0)->add_theorem()->add_unmet("last batch smaller");
  EXPECT_THAT(MakeTheoremsTable({cell, cell}).table.notes.back(),
              HasSubstr("not met by all runs: last batch smaller."));
}

TEST(TheoryTables, SlackMultipliesToTheBound) {
  const RenderedTable slack =
      MakeSlackTable({Cell("adagrad", 1, 0.1, 0.2, 6.0)});
  double product = 1.0;
  for (const Row& row : slack.rows) product *= *row.reproduced;
  EXPECT_DOUBLE_EQ(product, 60.0);
}

// Best steps: AdaGrad 4 * 4 / T and 2 sqrt(2) * 2 / sqrt(400); SGD at
// eta = min(1, 2 sqrt(M) / sqrt(T)) = 2 M / 20, below 1 up to M = 10, two terms of
// 0.05.
TEST(TheoryTables, ExplanationByHand) {
  const RenderedTable table = MakeExplanationTable(
      {Cell("sgd", 1, 0.4, 0.5, 1), Cell("adagrad", 1, 0.1, 0.2, 1),
       Cell("sgd", 4, 0.4, 0.5, 1), Cell("adagrad", 4, 0.1, 0.8, 1)});
  EXPECT_NEAR(Find(table.rows, "bound_ratio", "batch_size=1"),
              (16.0 / 400 + 2 * std::sqrt(2.0) * 2 / 20) / 0.1, 1e-12);
  EXPECT_DOUBLE_EQ(Find(table.rows, "mean_ratio", "batch_size=1"), 0.4);
  EXPECT_DOUBLE_EQ(Find(table.rows, "measured_ratio", "batch_size=1"), 0.25);
  // Bias 0.04 M and variance 0.283 are equal at M = 7.07; the mean doubles
  // half way from 1 to 4 on logarithmic axes.
  EXPECT_NEAR(Find(table.rows, "turning_batch_size", ""), 5 * std::sqrt(2.0),
              1e-12);
  EXPECT_NEAR(Find(table.rows, "turning_batch_size_seen", ""), 2.0, 1e-12);
}

TEST(TheoryTables, StandInsAreNotComparable) {
  CellBounds cell = Cell("sgd", 1, 0.1, 0.2, 0.4);
  cell.mutable_dataset()->set_stand_in(true);
  cell.mutable_dataset()->set_note("made up");
  for (const Row& row : MakeTheoremsTable({cell}).rows) {
    EXPECT_EQ(row.verdict, Verdict::kNotComparable);
    EXPECT_EQ(row.scale_note, "made up");
  }
}

TEST(TheoryTables, AdversaryAndTails) {
  AdversaryRecord record;
  AdversaryRecord::Duels& duels = *record.add_duels();
  duels.set_theorem("D.1");
  duels.set_tightest(0.9999);
  EXPECT_THAT(RenderText(MakeAdversaryTable(record).table), HasSubstr("tight"));
  TailRecord tail;
  tail.set_features(100);
  tail.set_tau(0.5);
  tail.set_r1(0.2);
  tail.set_optimum(0.1);
  TailDuel& duel = *tail.add_duel();
  duel.set_batch_size(8);
  duel.set_sgd(0.4);
  duel.set_adagrad(0.2);
  const RenderedTable table = MakeAppendixBTable({tail});
  EXPECT_NEAR(Find(table.rows, "lead", "tau=0.5 d=100 batch_size=8"), 3.0,
              1e-12);
  EXPECT_THAT(RenderText(table.table), HasSubstr("M = 8"));
}

TEST(TheoryTables, TailsMayHaveOtherBatchSizes) {
  std::vector<TailRecord> tails(4);
  const auto add_duel = [&](int tail, int64_t m) {
    TailDuel& duel = *tails[tail].add_duel();
    duel.set_batch_size(m);
    duel.set_sgd(static_cast<double>(m));
    duel.set_adagrad(1.0);
  };
  // Two of one number of digits, and one twice.
  const int64_t features[] = {900, 1000, 100, 100};
  for (int i = 0; i < 4; ++i) tails[i].set_features(features[i]);
  add_duel(0, 1);
  add_duel(1, 32);
  add_duel(1, 1);
  add_duel(3, 32);
  const Table table = MakeAppendixBTable(tails).table;
  const size_t columns = table.header.size();
  EXPECT_EQ(table.header[columns - 2], "M = 1");
  EXPECT_EQ(table.header[columns - 1], "M = 32");
  ASSERT_EQ(table.groups.size(), 1u);
  std::vector<std::string> lines;
  for (const auto& row : table.groups[0].rows) {
    ASSERT_EQ(row.size(), columns);
    lines.push_back(absl::StrCat(row[1], ":", row[columns - 2], ":",
                                 row[columns - 1]));
  }
  EXPECT_THAT(lines,
              ElementsAre("100::", "100::32 ", "900:1 :", "1000:1 :32 "));
  EXPECT_THAT(RenderText(table), HasSubstr("M = 32"));
}

// Where no cell has a bound.
TEST(TheoryTables, SlackMayHaveNoLine) {
  CellBounds cell = Cell("sgd", 1, 0.1, 0.2, 0.0);
  cell.mutable_run(0)->mutable_theorem(0)->clear_link();
  EXPECT_THAT(RenderText(MakeSlackTable({cell}).table), HasSubstr("data set"));
}

// What record.sh keeps is read again, and equals this run.
TEST(TheoryTables, RowsCanBeRecorded) {
  const std::vector<CellBounds> cells = {Cell("sgd", 1, 0.4, 0.5, 1),
                                         Cell("adagrad", 1, 0.1, 0.2, 1)};
  AdversaryRecord record;
  record.add_duels()->set_theorem("D.1");
  TailRecord tail;
  tail.set_features(100);
  std::vector<Row> rows;
  for (const RenderedTable& t :
       {MakeTheoremsTable(cells), MakeSlackTable(cells),
        MakeExplanationTable(cells), MakeAdversaryTable(record),
        MakeAppendixBTable({tail})}) {
    rows.insert(rows.end(), t.rows.begin(), t.rows.end());
  }
  ASSERT_OK_AND_ASSIGN(const std::string text, RenderRecorded(rows, {}));
  ASSERT_OK_AND_ASSIGN(const RecordedRun recorded,
                       RecordedRun::Parse(text, "f.csv"));
  const Comparison comparison = CompareWithRecorded(rows, recorded);
  EXPECT_EQ(comparison.numbers, static_cast<int>(rows.size()));
  EXPECT_EQ(comparison.equal, comparison.numbers);
}

}  // namespace
}  // namespace anisograd
