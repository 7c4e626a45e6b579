#include "paper_tables/beyond/beyond_tables.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Row& Find(const RenderedTable& table, const std::string& quantity) {
  for (const Row& row : table.rows) {
    if (row.quantity == quantity) return row;
  }
  ADD_FAILURE() << "no " << quantity;
  static const Row none;
  return none;
}

TEST(ConstantsTable, ShowsNumbersWithTheirErrors) {
  ProblemConstants c;
  c.mutable_dataset()->set_name("d");
  c.set_dimension(4);
  c.set_target("//:c");
  c.mutable_gram()->set_top_lower(0.5);
  c.mutable_gram()->set_top_upper(0.75);
  c.mutable_gram()->set_valid_l1(1.5);
  c.mutable_gram()->set_valid_l1_lower(1.5);
  c.mutable_noise_universal()->set_l1(3);
  c.mutable_noise_universal()->set_l2(2);
  ConvexQuantities q;
  q.dataset.set_name("d");
  q.diameters = {1.0, 2.0};
  Gpt2CurvatureResult gpt2;
  gpt2.mutable_spec()->set_reduced("small");
  gpt2.set_parameters(10);
  gpt2.add_estimate()->set_norm_11(20);
  gpt2.mutable_estimate(0)->set_top_eigenvalue(4);
  const RenderedTable out = MakeConstantsTable({c}, {q}, {gpt2});
  EXPECT_THAT(out.table.header, ElementsAre("constant", "", "d"));
  EXPECT_EQ(*Find(out, "smoothness_top").reproduced, 0.75);
  EXPECT_EQ(*Find(out, "smoothness_top_error").reproduced, 0.25);
  EXPECT_EQ(*Find(out, "r1_universal").reproduced, 0.75);
  // |L|_1 D_inf^2 / (L_inf D_2^2).
  EXPECT_EQ(*Find(out, "r2_least_valid").reproduced, 0.5);
  for (const Row& row : out.rows) {
    EXPECT_NE(row.quantity, "smoothness_least_valid_error");
    EXPECT_NE(row.quantity, "noise_l1_at_optimum");
  }
  EXPECT_EQ(Find(out, "hessian_norm_11").verdict, Verdict::kNotComparable);
  EXPECT_THAT(out.table.notes.back(), HasSubstr("share |L|_1/(d L_inf) = 0.5"));
}

ConvexQuantities MakeFresh(double adagrad_of_last_seed) {
  ConvexQuantities q;
  q.dataset.set_name("d");
  for (const char* method : {"sgd", "adagrad"}) {
    CellQuantities cell;
    cell.method = method;
    cell.batch_size = 4;
    cell.suboptimality = Quantity{0.0};
    for (uint64_t seed = 4; seed < 14; ++seed) {
      cell.seed_suboptimality.push_back(
          {seed, cell.method == "sgd" ? 2e-3
                 : seed == 13         ? adagrad_of_last_seed
                                      : 1e-3});
    }
    q.cells.push_back(cell);
  }
  return q;
}

TEST(ConfidenceTable, SaysWhatIsSignificant) {
  ASSERT_OK_AND_ASSIGN(const RenderedTable all,
                       MakeConfidenceTable({MakeFresh(1e-3)}, {"d SGD"}));
  EXPECT_THAT(all.table.groups[0].rows[0],
              ElementsAre("d", "4", "2.00 [2.00, 2.00]", "1.00 [1.00, 1.00]",
                          "1.00 [1.00, 1.00]", "10 of 10", "0.001"));
  EXPECT_THAT(all.table.notes[0], HasSubstr("run on 10 others"));
  EXPECT_THAT(all.table.notes[0], HasSubstr("in 1 of 1 cells"));
  EXPECT_THAT(all.table.notes[1], HasSubstr("they count here: d SGD."));
  // One data set alone would do with 9 of 10 (p = 0.011), six together do not.
  const ConvexQuantities nine = MakeFresh(3e-3);
  ASSERT_OK_AND_ASSIGN(
      const RenderedTable six,
      MakeConfidenceTable({nine, nine, nine, nine, nine, nine}, {}));
  EXPECT_THAT(six.table.notes[0], HasSubstr("in 0 of 6 cells"));
  EXPECT_EQ(six.table.notes.size(), 1u);
  EXPECT_EQ(Find(six, "lead_fresh").method, "");
}

TEST(HeldOutTable, HasMeansOverSeedsOrSaysThatThereAreNone) {
  HeldOutResult result;
  EXPECT_THAT(MakeHeldOutTable(result).table.notes[0],
              HasSubstr("could not be had"));
  result.set_rows(7);
  HeldOutCell* cell = result.add_cell();
  cell->set_method("adagrad");
  cell->set_batch_size(16);
  for (const double x : {0.4, 0.6}) {
    HeldOutScore* score = cell->add_score();
    score->set_loss(x);
    score->set_accuracy(x);
  }
  EXPECT_THAT(MakeHeldOutTable(result).table.groups[0].rows[0],
              ElementsAre("", "16", "", "", "0.50000±0.10000", "50.00±10.00"));
}

TEST(ReadingsTable, NotesWhereAReadingChangesTheVerdict) {
  Claim holds = {"c", "C", Claim::Verdict::kHolds, "3 of 3", ""};
  Claim fails = {"c", "C", Claim::Verdict::kFails, "2 of 3", ""};
  Claim open = {"c", "C", Claim::Verdict::kNotTested, "", ""};
  using Kind = Reading::Kind;
  const RenderedTable out =
      MakeReadingsTable({{{Kind::kAsSpecified, "as specified"}, {holds}},
                         {{Kind::kLastEpoch, "last epoch"}, {fails}},
                         {{Kind::kNotRun, "other"}, {open}}});
  EXPECT_THAT(out.table.groups[0].rows[0], ElementsAre("c", "", "+", "-", "?"));
  ASSERT_EQ(out.table.notes.size(), 2u);
  EXPECT_EQ(out.table.notes[1], "c, last epoch: 2 of 3");
  ASSERT_EQ(out.rows.size(), 2u);
  EXPECT_EQ(*out.rows[1].reproduced, 0.0);
}

}  // namespace
}  // namespace anisograd
