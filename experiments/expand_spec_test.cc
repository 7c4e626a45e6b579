// Runs expand_spec as Bazel does, on a cell's grid and seeds.

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "experiments/result.pb.h"
#include "experiments/spec_validation.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

class ExpandSpecTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const {
    return absl::StrCat(testing::TempDir(), "/expand_", name);
  }

  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(
        const ExperimentSpec family,
        ReadFamily("experiments/logistic/small.textproto", "f", "d", 4));
    ASSERT_OK(WriteFileAtomically(Path("family"), ToTextProto(family)));
    ASSERT_OK_AND_ASSIGN(cell_, ExpandCell(family, "adagrad", 16));
    like_.set_spec_digest(SpecDigest(cell_));
    *like_.mutable_spec() = cell_;
    like_.mutable_selected()->set_learning_rate(0.1);
    like_.mutable_selected()->mutable_schedule()->set_kind(
        ScheduleSpec::INVERSE_SQUARE_ROOT);
    for (int i = 0; i < cell_.seed_size(); ++i) like_.add_run()->add_loss(0.5);
  }

  // The cell that comes out, or the error.
  absl::StatusOr<ExperimentSpec> Expand(const std::string& flags) {
    EXPECT_OK(WriteFileAtomically(Path("like"),
                                  SerializeDeterministically(like_)));
    const int status = std::system(
        absl::StrCat("experiments/expand_spec --spec=", Path("family"),
                     " --method=adagrad --batch_size=16 --out=", Path("out"),
                     " ", flags, " 2>", Path("errors"))
            .c_str());
    if (status == 0) return ReadExperiment(Path("out"));
    return absl::InvalidArgumentError(ReadFile(Path("errors")).value());
  }

  std::string Fresh(const std::string& seeds) {
    return absl::StrCat("--like=", Path("like"), " --family=fresh --seeds=",
                        seeds);
  }

  ExperimentSpec cell_;
  ExperimentResult like_;
};

// Of data that are none of the paper's: its explosions and its 10^6 steps of
// gradient descent, which diverge on columns of any scale, stay out.
TEST_F(ExpandSpecTest, AnAddedDataSetHasNothingOfThePapers) {
  for (const auto& [features, method] :
       {std::make_pair(4, OptimumSpec::kNewton),
        std::make_pair(5000, OptimumSpec::kLbfgs)}) {
    ASSERT_OK(WriteFileAtomically(
        Path("dataset"),
        absl::StrCat("name: 'd' rows: 9 mean_nonzeros: 2 positive_label: '1' "
                     "negative_label: '0' features: ",
                     features)));
    const auto expand = [&](const std::string& flags) {
      EXPECT_EQ(std::system(absl::StrCat(
                    "experiments/expand_spec --name=f --dataset=",
                    Path("dataset"),
                    " --spec=experiments/logistic/small.textproto --out=",
                    Path("out"), flags).c_str()), 0);
      return ReadExperiment(Path("out")).value();
    };
    ExperimentSpec of_paper = expand("");
    EXPECT_EQ(of_paper.logistic().explosion().max_sample_loss(), 18.0);
    EXPECT_TRUE(of_paper.optimum(0).has_gradient_descent());
    const ExperimentSpec added = expand(" --added");
    EXPECT_FALSE(added.logistic().has_explosion());
    ASSERT_EQ(added.optimum_size(), 2);
    EXPECT_EQ(added.optimum(0).role(), OptimumSpec::PAPER);
    EXPECT_EQ(added.optimum(1).role(), OptimumSpec::EXACT);
    for (const OptimumSpec& optimum : added.optimum()) {
      EXPECT_EQ(optimum.method_case(), method);
    }
    // All else is the protocol's.
    *of_paper.mutable_optimum() = added.optimum();
    of_paper.mutable_logistic()->clear_explosion();
    EXPECT_EQ(ToTextProto(added), ToTextProto(of_paper));
  }
}

TEST_F(ExpandSpecTest, AGridOfItsOwn) {
  ASSERT_OK(WriteFileAtomically(
      Path("grid"), "learning_rate: [5, 7] schedule { kind: CONSTANT }"));
  ASSERT_OK_AND_ASSIGN(const ExperimentSpec spec,
                       Expand("--grid=" + Path("grid")));
  cell_.clear_grid();
  cell_.mutable_grid()->add_learning_rate(5);
  cell_.mutable_grid()->add_learning_rate(7);
  cell_.mutable_grid()->add_schedule()->set_kind(ScheduleSpec::CONSTANT);
  EXPECT_EQ(ToTextProto(spec), ToTextProto(cell_));
  ASSERT_OK(WriteFileAtomically(Path("grid"), "learning_rate: 0"));
  EXPECT_FALSE(Expand("--grid=" + Path("grid")).ok());
}

TEST_F(ExpandSpecTest, TheSelectedPointOnFreshSeeds) {
  ASSERT_OK_AND_ASSIGN(const ExperimentSpec spec, Expand(Fresh("4,5")));
  EXPECT_EQ(spec.name(), "fresh");
  ASSERT_EQ(spec.grid().learning_rate_size(), 1);
  EXPECT_EQ(spec.grid().learning_rate(0), 0.1);
  ASSERT_EQ(spec.grid().schedule_size(), 1);
  EXPECT_EQ(spec.grid().schedule(0).kind(), ScheduleSpec::INVERSE_SQUARE_ROOT);
  ASSERT_EQ(spec.seed_size(), 2);
  EXPECT_EQ(spec.seed(1), 5);
  EXPECT_EQ(ToTextProto(spec.logistic()), ToTextProto(cell_.logistic()));
}

// Seeds that the point was selected on would not be fresh.
TEST_F(ExpandSpecTest, RefusesOldSeedsOtherCellsAndExplosions) {
  EXPECT_TRUE(absl::StrContains(Expand(Fresh("4,3")).status().message(),
                                "3 is among those"));
  EXPECT_TRUE(absl::StrContains(Expand(Fresh("4,4")).status().message(),
                                "--seeds: 4 stands twice"));
  EXPECT_TRUE(absl::StrContains(
      Expand(Fresh("4") + " --family='a b'").status().message(),
      "--family: must be letters"));
  like_.clear_selected();
  EXPECT_TRUE(absl::StrContains(Expand(Fresh("4")).status().message(),
                                "every grid point exploded"));
  like_.set_spec_digest("of another");
  EXPECT_TRUE(absl::StrContains(Expand(Fresh("4")).status().message(),
                                "not that of the cell"));
}

TEST_F(ExpandSpecTest, RefusesADamagedResult) {
  like_.mutable_run(0)->clear_loss();
  EXPECT_TRUE(absl::StrContains(Expand(Fresh("4")).status().message(),
                                "run[0].loss: missing"));
}

}  // namespace
}  // namespace anisograd
