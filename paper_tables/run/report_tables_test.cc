#include "paper_tables/run/report_tables.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "paper_tables/golden.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;

Row MakeRow(const char* table, const char* quantity, Verdict verdict,
            bool published) {
  Row row;
  row.table = table;
  row.quantity = quantity;
  row.verdict = verdict;
  if (published) row.published = 1.0;
  return row;
}

TEST(MakeSummary, CountsVerdictsByTableAndQuantity) {
  std::vector<Row> rows = {
      MakeRow("table3", "loss", Verdict::kMatch, true),
      MakeRow("table2", "d_2", Verdict::kClose, true),
      MakeRow("table3", "rate", Verdict::kNotPublished, false),
      MakeRow("table3", "loss", Verdict::kDiffers, true),
      MakeRow("table3", "loss", Verdict::kMatch, true),
      MakeRow("table2", "d_2", Verdict::kNotComparable, true),
  };
  // Of another run.
  rows.push_back(MakeRow("table2", "d_2", Verdict::kMatch, true));
  rows.back().recorded = true;
  const Table table = MakeSummary(rows);
  EXPECT_THAT(table.header,
              ElementsAre("table", "quantity", "MATCH", "CLOSE", "DIFFERS",
                          "NOT_COMPARABLE", "NOT_PUBLISHED"));
  ASSERT_EQ(table.groups.size(), 2u);
  EXPECT_THAT(
      table.groups[0].rows,
      ElementsAre(ElementsAre("table3", "loss", "2", "0", "1", "0", "0"),
                  ElementsAre("table2", "d_2", "0", "1", "0", "1", "0"),
                  ElementsAre("table3", "rate", "0", "0", "0", "0", "1")));
  EXPECT_THAT(
      table.groups[1].rows,
      ElementsAre(ElementsAre("all", "", "2", "1", "1", "1", "1"),
                  ElementsAre("all", "published", "2", "1", "1", "1", "0")));
}

TEST(MakeClaimsTable, ShowsVerdictsAboveTheEvidence) {
  const std::vector<Claim> claims = {
      {"a", "A is so", Claim::Verdict::kHolds, "3 of 3", ""},
      {"b", "B is so", Claim::Verdict::kNotTested, "", ""}};
  const Table table = MakeClaimsTable(claims);
  EXPECT_THAT(table.groups[0].rows,
              ElementsAre(ElementsAre("HOLDS", "A is so"),
                          ElementsAre("NOT TESTED", "B is so")));
  EXPECT_THAT(table.notes, ElementsAre("A is so: 3 of 3",
                                       "B is so: nothing to test it on"));
}

// A number of the paper that no row has would never be compared: a misprinted key.
TEST(MakeReportTables, EveryPublishedNumberIsTaken) {
  RunInputs inputs;
  for (const char* name : {"a4a", "a6a", "a9a", "real-sim", "rcv1"}) {
    ConvexQuantities& d = inputs.datasets.emplace_back();
    d.dataset.set_name(name);
    d.dataset.set_features(name[0] == 'r' ? 20000 : 123);
    d.in_paper = true;
    d.diameters = {1.0, 2.0};
    for (const char* method : {"sgd", "adagrad"}) {
      for (const int64_t m : {1, 4, 16, 64, 256, 1024}) {
        CellQuantities& cell = d.cells.emplace_back();
        cell.method = method;
        cell.batch_size = m;
        cell.suboptimality = Quantity{1.0};
      }
      d.min_suboptimality.push_back({method, Quantity{1.0}});
    }
  }
  for (const char* method : {"sgd", "adagrad"}) {
    for (const int64_t m : {32, 64, 128, 256, 512, 1024}) {
      FineTuningCell& cell = inputs.fine_tuning.cells.emplace_back();
      cell.method = method;
      cell.batch_size = m;
    }
  }
  PublishedNumbers numbers;
  ASSERT_OK(ReadTextProto("paper_tables/published.textproto", &numbers));
  ASSERT_OK_AND_ASSIGN(const std::vector<RenderedTable> tables,
                       MakeReportTables(inputs, {}, ReadPublished(), {}));
  const auto key = [](const auto&... part) {
    return absl::StrJoin({std::string(part)...}, " ");
  };
  std::set<std::string> taken;
  for (const RenderedTable& table : tables) {
    for (const Row& row : table.rows) {
      if (!row.published) continue;
      taken.insert(key(row.table, row.dataset, row.method, row.setting,
                       row.quantity));
    }
  }
  for (const PublishedNumber& n : numbers.number()) {
    EXPECT_EQ(taken.count(key(n.table(), n.dataset(), n.method(), n.setting(),
                              n.quantity())),
              1u)
        << n.ShortDebugString();
  }
}

// In all.csv a claim's name is its key.
TEST(CheckClaims, NamesAreDistinct) {
  RunInputs inputs;
  inputs.smoothness.emplace();
  std::vector<std::string> names;
  for (const Claim& claim : CheckClaims(inputs)) {
    EXPECT_THAT(names, testing::Not(testing::Contains(claim.name)));
    names.push_back(claim.name);
  }
  EXPECT_GE(names.size(), 16u);
}

}  // namespace
}  // namespace anisograd
