#include "analysis/gpt2/fine_tuning.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// A cell with rates 1 and 0.1 whose losses are constant; the second is better.
Gpt2Result MadeUp(const std::string& method, int64_t batch_size, double loss) {
  Gpt2Result result;
  Gpt2ExperimentSpec* const spec = result.mutable_spec();
  spec->add_method()->set_name(method);
  spec->add_batch_size(batch_size);
  for (const double rate : {1.0, 0.1, 0.01}) {
    spec->mutable_grid()->add_learning_rate(rate);
    Gpt2Run* const run = result.add_run();
    run->set_learning_rate(rate);
    run->set_outcome(Run::CONVERGED);
    run->set_steps_per_epoch(5);
    run->set_clipped_steps(3);
    for (int t = 0; t < 10; ++t) {
      run->add_loss(static_cast<float>(t));
      run->add_gradient_norm(1.0f);
    }
  }
  spec->add_seed(42);
  result.set_target(absl::StrCat("//:", method, batch_size));
  result.mutable_selected()->set_learning_rate(0.1);
  result.mutable_selected()->set_mean_loss(loss);
  return result;
}

std::vector<Gpt2Result> Family(const std::vector<double>& sgd,
                               const std::vector<double>& adagrad) {
  std::vector<Gpt2Result> results;
  for (size_t i = 0; i < sgd.size(); ++i) {
    // In an order that is not the table's.
    results.push_back(MadeUp("adagrad", 512 >> i, adagrad[i]));
    results.push_back(MadeUp("sgd", 512 >> i, sgd[i]));
  }
  return results;
}

TEST(FineTuning, CellsInOrder) {
  ASSERT_OK_AND_ASSIGN(const FineTuningQuantities q,
                       ComputeFineTuningQuantities(Family({3, 2}, {2.5, 1.7})));
  ASSERT_EQ(q.cells.size(), 4u);
  EXPECT_EQ(q.batch_sizes(), (std::vector<int64_t>{256, 512}));
  const FineTuningCell* const cell = q.Find("sgd", 256);
  ASSERT_NE(cell, nullptr);
  EXPECT_EQ(cell->training_loss->value, 2.0);
  EXPECT_FALSE(cell->training_loss->spread.has_value());
  EXPECT_EQ(cell->clipped_share, 0.3);
  EXPECT_FALSE(cell->at_edge_of_grid);
  EXPECT_EQ(cell->loss.size(), 10u);
}

TEST(FineTuning, RefusesACellThatStandsTwice) {
  std::vector<Gpt2Result> results = Family({3}, {2});
  results.push_back(results[0]);
  EXPECT_FALSE(ComputeFineTuningQuantities(results).ok());
}

TEST(FineTuning, SeveralSeedsHaveASpreadAndTheirOwnValues) {
  Gpt2Result result = MadeUp("sgd", 32, 2.0);
  result.mutable_spec()->add_seed(43);
  Gpt2Run* const second = result.add_run();
  *second = result.run(1);
  second->set_seed(43);
  second->set_reported_loss(2.5);
  result.mutable_run(1)->set_seed(42);
  result.mutable_run(1)->set_reported_loss(1.5);
  result.mutable_selected()->set_std_loss(0.5);
  ASSERT_OK_AND_ASSIGN(const FineTuningQuantities q,
                       ComputeFineTuningQuantities({result}));
  EXPECT_EQ(q.cells[0].training_loss->spread, 0.5);
  ASSERT_EQ(q.cells[0].seed_loss.size(), 2u);
  EXPECT_EQ(q.cells[0].seed_loss[0].value, 1.5);
  EXPECT_EQ(q.cells[0].seed_loss[1].seed, 43u);
}

TEST(FineTuning, NotesSayWhatIsNotThePapers) {
  Gpt2Result result = MadeUp("sgd", 32, 2);
  result.mutable_spec()->set_reduced("small model");
  result.mutable_start()->set_stand_in(true);
  result.mutable_start()->set_note("random start");
  result.mutable_dataset()->set_stand_in(true);
  result.mutable_dataset()->set_note("made-up texts");
  result.set_device("a GPU");
  result.set_source_revision("abc");
  ASSERT_OK_AND_ASSIGN(const FineTuningQuantities q,
                       ComputeFineTuningQuantities({result}));
  EXPECT_EQ(q.cells[0].scale_note, "small model; random start; made-up texts");
  EXPECT_EQ(q.scale_notes(), std::vector<std::string>{q.cells[0].scale_note});
  EXPECT_EQ(q.other_notes(), std::vector<std::string>{"recorded on a GPU"});
  EXPECT_TRUE(q.any_reduced());
  EXPECT_FALSE(q.full_scale());
}

constexpr char kPretrained[] =
    "GPT-2's official weights could not be had: stand-in pre-trained by "
    "pretrain_adam for 1665 steps (436469760 tokens of pretrain_tokens), loss "
    "3.512, digest 0123456789ab";

// Full scale, but for the start.
std::vector<Gpt2Result> FromPretrainedWeights() {
  std::vector<Gpt2Result> results = Family({3, 2}, {2, 1.5});
  for (Gpt2Result& result : results) {
    result.mutable_start()->set_stand_in(true);
    result.mutable_start()->set_note(kPretrained);
    result.set_device("a GPU");
    result.set_source_revision("abc");
  }
  return results;
}

TEST(FineTuning, APretrainedStartIsSaidAndTestsNothing) {
  ASSERT_OK_AND_ASSIGN(const FineTuningQuantities q,
                       ComputeFineTuningQuantities(FromPretrainedWeights()));
  EXPECT_EQ(q.scale_notes(), std::vector<std::string>{kPretrained});
  EXPECT_EQ(q.other_notes(), std::vector<std::string>{"recorded on a GPU"});
  EXPECT_FALSE(q.any_reduced());
  EXPECT_FALSE(q.full_scale());
  for (const Claim& claim : {CheckAdaGradBelowSgdInFineTuning(q),
                             CheckGapGrowsWithBatchSize(q)}) {
    EXPECT_EQ(claim.verdict, Claim::Verdict::kNotTested);
    EXPECT_EQ(claim.evidence, "");
    EXPECT_TRUE(absl::StrContains(claim.apart, "with a stand-in")) << claim.apart;
  }
  EXPECT_TRUE(absl::StrContains(CheckAdaGradBelowSgdInFineTuning(q).apart,
                                "experiment: holds: "));
  EXPECT_TRUE(absl::StrContains(
      MakeFigure2Csv(q, {256}),
      absl::StrCat("selects.\n# note: ", kPretrained,
                   "\n# note: recorded on a GPU\n")));
}

TEST(FineTuning, AnOfficialStartIsSaidToo) {
  Gpt2Result result = MadeUp("sgd", 32, 2);
  result.mutable_start()->set_note("GPT-2's official weights");
  ASSERT_OK_AND_ASSIGN(const FineTuningQuantities q,
                       ComputeFineTuningQuantities({result}));
  EXPECT_EQ(q.other_notes(),
            std::vector<std::string>{"start: GPT-2's official weights"});
  EXPECT_TRUE(q.full_scale());
  EXPECT_TRUE(absl::StrContains(
      MakeFigure2Csv(q, {32}), "\n# note: start: GPT-2's official weights\n"));
}

// Some cells recorded at full scale, the others reduced.
TEST(FineTuning, NotesOfSomeCellsNameThem) {
  std::vector<Gpt2Result> results = FromPretrainedWeights();
  // AdaGrad at 512.
  results[0].mutable_spec()->set_reduced("small model");
  results[0].mutable_start()->set_stand_in(false);
  results[0].mutable_start()->set_note("random start, seed 42");
  results[0].clear_source_revision();
  ASSERT_OK_AND_ASSIGN(const FineTuningQuantities q,
                       ComputeFineTuningQuantities(results));
  const std::string others = "AdaGrad at M = 256; SGD at M = 256, 512: ";
  EXPECT_EQ(q.scale_notes(),
            (std::vector<std::string>{absl::StrCat(others, kPretrained),
                                      "AdaGrad at M = 512: small model"}));
  EXPECT_EQ(q.other_notes(),
            (std::vector<std::string>{
                "AdaGrad at M = 512: start: random start, seed 42",
                absl::StrCat(others, "recorded on a GPU")}));
  EXPECT_TRUE(q.any_reduced());
  // What a figure does not show it does not speak of.
  EXPECT_FALSE(absl::StrContains(MakeFigure2Csv(q, {256}), "small model"));
  EXPECT_TRUE(absl::StrContains(MakeFigure2Csv(q, {512}),
                                "# note: AdaGrad at M = 512: small model\n"));
}

TEST(FineTuning, Claims) {
  const auto quantities = [](const std::vector<double>& sgd,
                             const std::vector<double>& adagrad) {
    return ComputeFineTuningQuantities(Family(sgd, adagrad)).value();
  };
  // Entry 0 is M = 512, entry 1 is M = 256.
  const auto good = quantities({3.0, 2.0}, {2.0, 1.5});
  EXPECT_EQ(CheckAdaGradBelowSgdInFineTuning(good).verdict,
            Claim::Verdict::kHolds);
  EXPECT_EQ(CheckGapGrowsWithBatchSize(good).verdict, Claim::Verdict::kHolds);
  const auto shrinking = quantities({3.0, 2.0}, {2.9, 1.5});
  EXPECT_EQ(CheckAdaGradBelowSgdInFineTuning(shrinking).verdict,
            Claim::Verdict::kHolds);
  EXPECT_EQ(CheckGapGrowsWithBatchSize(shrinking).verdict,
            Claim::Verdict::kFails);
  EXPECT_EQ(CheckAdaGradBelowSgdInFineTuning(quantities({3.0, 2.0}, {3.1, 1.5}))
                .verdict,
            Claim::Verdict::kFails);
  // AdaGrad alone exploded at one of the batch sizes.
  for (const int64_t m : {256, 512}) {
    FineTuningQuantities exploded = good;
    for (FineTuningCell& cell : exploded.cells) {
      if (cell.method == "adagrad" && cell.batch_size == m) {
        cell.training_loss.reset();
      }
    }
    EXPECT_EQ(CheckAdaGradBelowSgdInFineTuning(exploded).verdict,
              Claim::Verdict::kFails);
    EXPECT_EQ(CheckGapGrowsWithBatchSize(exploded).verdict,
              Claim::Verdict::kFails);
  }
  EXPECT_EQ(CheckAdaGradBelowSgdInFineTuning({}).verdict,
            Claim::Verdict::kNotTested);
  auto reduced = good;
  reduced.cells[0].reduced = true;
  reduced.cells[0].scale_note = "small model";
  for (const Claim& claim : {CheckAdaGradBelowSgdInFineTuning(reduced),
                             CheckGapGrowsWithBatchSize(reduced)}) {
    EXPECT_EQ(claim.verdict, Claim::Verdict::kNotTested);
    EXPECT_TRUE(absl::StrContains(claim.apart, "+1.000 (M = 512)"));
    EXPECT_TRUE(absl::StrContains(claim.apart, "at reduced scale: holds: "));
  }
  reduced.cells[0].training_loss->value = 9.0;
  const Claim above = CheckAdaGradBelowSgdInFineTuning(reduced);
  EXPECT_EQ(above.verdict, Claim::Verdict::kNotTested);
  EXPECT_TRUE(absl::StrContains(above.apart, "at reduced scale: fails: "));
}

// Family({at 512, at 256}, ...).
FineTuningQuantities Quantities(const std::vector<double>& sgd,
                                const std::vector<double>& adagrad) {
  return ComputeFineTuningQuantities(Family(sgd, adagrad)).value();
}

TEST(Claims, AdaGradUnaffectedFailsWhereItRisesByMoreThanHalf) {
  EXPECT_EQ(
      CheckAdaGradUnaffectedInFineTuning(Quantities({4, 2}, {2, 1.5})).verdict,
      Claim::Verdict::kHolds);
  const Claim claim =
      CheckAdaGradUnaffectedInFineTuning(Quantities({4, 2}, {2.6, 1.5}));
  EXPECT_EQ(claim.verdict, Claim::Verdict::kFails);
  EXPECT_EQ(claim.evidence, "+1.100 against +2.000");
  EXPECT_EQ(CheckAdaGradUnaffectedInFineTuning({}).verdict,
            Claim::Verdict::kNotTested);
}

TEST(Claims, FasterFromTheStartFailsInOneTenth) {
  FineTuningQuantities q = Quantities({4, 2}, {2, 1.5});
  // Curves are equal as they were made up.
  EXPECT_EQ(CheckAdaGradFasterFromTheStart(q).verdict, Claim::Verdict::kFails);
  for (FineTuningCell& cell : q.cells) {
    if (cell.method == "adagrad") {
      for (double& loss : cell.loss) loss -= 0.5;
    }
  }
  EXPECT_EQ(CheckAdaGradFasterFromTheStart(q).evidence, "20 of 20 tenths");
  EXPECT_EQ(CheckAdaGradFasterFromTheStart(q).verdict, Claim::Verdict::kHolds);
  for (FineTuningCell& cell : q.cells) {
    if (cell.method == "adagrad" && cell.batch_size == 512) cell.loss[0] = 99;
  }
  EXPECT_EQ(CheckAdaGradFasterFromTheStart(q).evidence, "19 of 20 tenths");
  EXPECT_EQ(CheckAdaGradFasterFromTheStart(q).verdict, Claim::Verdict::kFails);
}

TEST(Figure2, ThinsLongCurvesByMeans) {
  ASSERT_OK_AND_ASSIGN(const FineTuningQuantities q,
                       ComputeFineTuningQuantities({MadeUp("sgd", 256, 2)}));
  EXPECT_TRUE(absl::StrContains(MakeFigure2Csv(q, {256}),
                                "\n256,SGD,0.1,1,0.2,0\n"));
  // Windows of four steps: means of 0..3, 4..7, 8..9.
  const std::string csv = MakeFigure2Csv(q, {256}, 3);
  EXPECT_TRUE(absl::StrContains(csv,
                                "loss\n256,SGD,0.1,4,0.8,1.5\n"
                                "256,SGD,0.1,8,1.6,5.5\n"
                                "256,SGD,0.1,10,2,8.5\n"));
  EXPECT_TRUE(absl::StrContains(csv, "# note: M = 256: each point is the mean "
                                     "of 4 steps\n"));
}

}  // namespace
}  // namespace anisograd
