#include "analysis/gpt2/figure1.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "experiments/gpt2/smoothness/made_up_smoothness.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using Vector = std::vector<double>;

// Two coordinates of most kinds, out of the panels' order. f' = j + 1 times w,
// so that coordinate j has curvature j + 1.
GeneralizedSmoothness Quantities() {
  const std::vector<std::string> tensors = {
      "h.1.mlp.c_proj.weight", "wte.weight",        "wte.weight",
      "wpe.weight",            "h.0.ln_1.weight",   "h.1.attn.c_attn.weight",
      "h.0.attn.c_attn.weight", "h.0.mlp.c_fc.weight"};
  Gpt2SmoothnessResult result = MadeUpSmoothness(
      tensors, [&](int t) { return Vector(tensors.size(), t - 20.0); },
      [](Vector w) {
        for (size_t j = 0; j < w.size(); ++j) w[j] *= j + 1.0;
        return w;
      },
      /*ascent_points=*/1);
  result.mutable_spec()->set_reduced("small model");
  return ComputeGeneralizedSmoothness(result).value();
}

TEST(Figure1, PanelsAreTheFirstOfEachKindOfMatrix) {
  const GeneralizedSmoothness q = Quantities();
  std::vector<int64_t> indices;
  for (const CoordinateSmoothness* c : Figure1Panels(q)) {
    EXPECT_EQ(c->coordinate.sample(), ProbedCoordinate::STRATIFIED);
    indices.push_back(c->coordinate.index());
  }
  // No attn.c_proj was drawn; ln_1 is no matrix.
  EXPECT_EQ(indices, (std::vector<int64_t>{1, 3, 5, 7, 0}));
}

TEST(Figure1, TheStartIsANote) {
  GeneralizedSmoothness q = Quantities();
  q.start_note = "start: random start, seed 42";
  ASSERT_OK_AND_ASSIGN(const std::string reduced, MakeFigure1Csv(q));
  EXPECT_TRUE(absl::StrContains(
      reduced,
      "\n# note: small model\n# note: start: random start, seed 42\n"));
  // A stand-in's note is a scale note.
  q.scale_note = "stand-in pre-trained by pretrain_adam";
  q.start_note.clear();
  ASSERT_OK_AND_ASSIGN(const std::string stand_in, MakeFigure1Csv(q));
  EXPECT_TRUE(absl::StrContains(
      stand_in, "\n# note: stand-in pre-trained by pretrain_adam\n# note: L"));
}

TEST(Figure1, PointsAndLines) {
  ASSERT_OK_AND_ASSIGN(const std::string csv, MakeFigure1Csv(Quantities()));
  EXPECT_TRUE(absl::StartsWith(csv, "# caption: Verification of Assumption 5.1"));
  EXPECT_TRUE(absl::StrContains(csv, "\n# note: small model\n"));
  EXPECT_TRUE(absl::StrContains(csv, "L1 at most 4 (one over"));
  EXPECT_TRUE(absl::StrContains(
      csv, "cover 100.0 % of the second (8 parameters; the worst 100 %)"));
  EXPECT_TRUE(absl::StrContains(
      csv, "over 8 parameters: holds at 20 of 20 random pairs, left side at most "
           "1.00 of the right"));
  EXPECT_TRUE(absl::StrContains(
      csv, "over 8 parameters: holds at 10 of 10 pairs along the gradient's "
           "change, left side at most 1.00 of the right"));
  // w_0 = -20 times curvature 2 for wte's.
  EXPECT_TRUE(absl::StrContains(
      csv,
      "\nparameter,tensor,index,iteration,radius,gradient,slope,l0,l1\n"
      "0,wte.weight,1,0,0.25,40,2,2,0\n"
      "0,wte.weight,1,0,0.125,40,2,2,0\n"
      "0,wte.weight,1,2,0.25,36,2,2,0\n"));
  EXPECT_TRUE(absl::StrContains(
      csv, "\n4,h.1.mlp.c_proj.weight,0,38,0.125,18,1,1,0\n"));
  const std::vector<std::string> lines = absl::StrSplit(csv, '\n');
  EXPECT_EQ(lines.size(), 1 + 5 + 1 + 5 * 40 + 1u);
}

TEST(Figure1, AllCoordinates) {
  const std::string csv = MakeCoordinatesCsv(Quantities());
  EXPECT_TRUE(absl::StrContains(csv, "\n# note: small model\n"));
  EXPECT_TRUE(absl::StrContains(
      csv, "\nSTRATIFIED,h.0.ln_1.weight,4,40,0,5,0,0,0,5,0,20,20\n"));
  EXPECT_TRUE(absl::StrContains(
      csv, "\nUNIFORM,wpe.weight,3,40,0,4,0,0,0,4,0,20,20\n"));
}

TEST(Figure1, InequalityByPair) {
  GeneralizedSmoothness q = Quantities();
  q.inequality[1].held_out_ratio = HUGE_VAL;
  const std::string csv = MakeInequalityCsv(q);
  EXPECT_TRUE(absl::StrContains(csv,
                                "\npair,iteration,radius,distance,ratio,"
                                "held_out_ratio\nrandom,0,0.25,0,1,\n"
                                "ascent,0,0.25,0,1,inf\nrandom,0,0.125,0,1,\n"
                                "random,2,0.25,0,1,\n"));
}

TEST(Figure1, WithoutPointsThereIsNothingToDraw) {
  GeneralizedSmoothness q;
  q.target = "//:lost";
  q.explosion = "exploded at step 0: loss at w is not finite";
  const absl::Status status = MakeFigure1Csv(q).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(),
            "//:lost: no points of weight matrices to draw: exploded at step 0: "
            "loss at w is not finite");
}

}  // namespace
}  // namespace anisograd
