#include "analysis/claims.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"

namespace anisograd {
namespace {

using Verdict = Claim::Verdict;

// A data set on which all claims hold: SGD goes from 3 to 5, AdaGrad from 1 to
// 1.5; C_var = 1/20, R1 = 1/2, R2 = 1/4.
ConvexQuantities Good(const std::string& name = "d", bool stand_in = false) {
  ConvexQuantities d;
  d.dataset.set_name(name);
  d.dataset.set_features(20000);
  d.dataset.set_stand_in(stand_in);
  d.in_paper = true;
  d.diameters = {1.0, 20.0};
  d.constants.set_noise_l1(10.0);
  d.constants.set_noise_l2(1.0);
  d.constants.set_smoothness_l1(2.0);
  d.constants.set_smoothness_l1_valid(100.0);
  d.constants.set_smoothness_linf(1.0);
  for (const auto& [method, small, large] :
       {std::tuple<const char*, double, double>{"sgd", 3.0, 5.0},
        {"adagrad", 1.0, 1.5}}) {
    for (const int64_t m : {64, 256, 1024}) {
      CellQuantities cell;
      cell.method = method;
      cell.batch_size = m;
      cell.suboptimality =
          Quantity{m == 1024 ? large : small, std::nullopt, ""};
      d.cells.push_back(cell);
    }
  }
  d.min_suboptimality = {{"sgd", {1e-3, std::nullopt, ""}},
                         {"adagrad", {1e-4, std::nullopt, ""}}};
  return d;
}

CellQuantities& Cell(ConvexQuantities* d, const std::string& method,
                     int64_t batch_size) {
  return const_cast<CellQuantities&>(*d->FindCell(method, batch_size));
}

// All but the one on shapes, which is about data sets that the paper names.
std::vector<Claim> CheckAll(absl::Span<const ConvexQuantities> datasets) {
  std::vector<Claim> claims = CheckConvexClaims(datasets);
  for (auto at = claims.begin(); at != claims.end(); ++at) {
    if (at->name != "dataset_shapes") continue;
    EXPECT_EQ(at->verdict, Verdict::kNotTested);
    claims.erase(at);
    return claims;
  }
  ADD_FAILURE() << "no claim on shapes";
  return claims;
}

TEST(Claims, AllHoldOnGoodData) {
  const std::vector<Claim> claims = CheckAll({Good()});
  ASSERT_EQ(claims.size(), 8u);
  for (const Claim& claim : claims) {
    EXPECT_EQ(claim.verdict, Verdict::kHolds) << claim.name;
    EXPECT_EQ(claim.apart, "");
  }
}

TEST(Claims, WithoutDataNothingIsTested) {
  for (const Claim& claim : CheckConvexClaims({})) {
    EXPECT_EQ(claim.verdict, Verdict::kNotTested);
    EXPECT_EQ(claim.AllEvidence(), "nothing to test it on");
  }
}

TEST(AdaGradBelowSgd, FailsAtOnePair) {
  ConvexQuantities d = Good();
  EXPECT_EQ(CheckAdaGradBelowSgd({d}).evidence, "3 of 3");
  Cell(&d, "adagrad", 64).suboptimality->value = 3.0;
  const Claim claim = CheckAdaGradBelowSgd({d});
  EXPECT_EQ(claim.verdict, Verdict::kFails);
  EXPECT_EQ(claim.evidence, "2 of 3 (not d at M = 64)");
}

TEST(AdaGradBelowSgd, FailsWhereAdaGradAloneExploded) {
  ConvexQuantities d = Good();
  Cell(&d, "adagrad", 64).suboptimality.reset();
  EXPECT_EQ(CheckAdaGradBelowSgd({d}).verdict, Verdict::kFails);
  Cell(&d, "sgd", 64).suboptimality.reset();
  EXPECT_EQ(CheckAdaGradBelowSgd({d}).evidence, "2 of 2");
}

TEST(AdaGradDegradesLess, FailsWhereItRisesMore) {
  ConvexQuantities d = Good();
  Cell(&d, "adagrad", 1024).suboptimality->value = 3.5;
  const Claim claim = CheckAdaGradDegradesLess({Good("e"), d});
  EXPECT_EQ(claim.verdict, Verdict::kFails);
  EXPECT_EQ(claim.evidence,
            "1 of 2 (e +5.0e-01, 1.50 times, against +2.0e+00, 1.67 times, d "
            "+2.5e+00, 3.50 times, against +2.0e+00, 1.67 times)");
}

TEST(AdaGradDegradesLess, FailsWhereItIsLowerButRisesByTheSameFactor) {
  ConvexQuantities d = Good();
  Cell(&d, "adagrad", 64).suboptimality->value = 0.3;
  Cell(&d, "adagrad", 1024).suboptimality->value = 0.5;
  EXPECT_EQ(CheckAdaGradDegradesLess({d}).verdict, Verdict::kFails);
}

TEST(AdaGradUnaffected, FailsWhereOneBatchSizeIsTwiceAnother) {
  ConvexQuantities d = Good();
  EXPECT_EQ(CheckAdaGradUnaffected({d}).evidence, "1 of 1 (d 1.00)");
  Cell(&d, "adagrad", 256).suboptimality->value = 2.5;
  const Claim claim = CheckAdaGradUnaffected({d});
  EXPECT_EQ(claim.verdict, Verdict::kFails);
  EXPECT_EQ(claim.evidence, "0 of 1 (d 2.50)");
  // M = 1024 does not count, SGD does not either.
  d = Good();
  Cell(&d, "adagrad", 1024).suboptimality->value = 100;
  Cell(&d, "sgd", 64).suboptimality->value = 100;
  EXPECT_EQ(CheckAdaGradUnaffected({d}).verdict, Verdict::kHolds);
}

TEST(BelowNonsmoothRate, FailsWhereItRisesLikeTheRoot) {
  ConvexQuantities d = Good();
  EXPECT_EQ(CheckBelowNonsmoothRate({d}).evidence, "1 of 1 (d 1.50 of 4, SGD 1.67)");
  Cell(&d, "adagrad", 1024).suboptimality->value = 4.0;
  EXPECT_EQ(CheckBelowNonsmoothRate({d}).verdict, Verdict::kFails);
  Cell(&d, "adagrad", 64).suboptimality->value = 0.0;
  EXPECT_EQ(CheckBelowNonsmoothRate({d}).verdict, Verdict::kNotTested);
}

TEST(LowestLoss, FailsWhereSgdsIsLower) {
  ConvexQuantities d = Good();
  EXPECT_EQ(CheckLowestLoss({d}).evidence, "1 of 1 (d 1.0e-04 against 1.0e-03)");
  d.min_suboptimality[0].second.value = 1e-5;
  EXPECT_EQ(CheckLowestLoss({d}).verdict, Verdict::kFails);
  d.min_suboptimality.erase(d.min_suboptimality.begin());
  EXPECT_EQ(CheckLowestLoss({d}).verdict, Verdict::kNotTested);
}

TEST(DatasetShapes, FailsWhereTheTextSwapsThem) {
  ConvexQuantities d = Good("a4a");
  d.dataset.set_rows(4781);
  d.dataset.set_features(123);
  d.dataset.set_nonzeros(4781 * 14);
  EXPECT_EQ(CheckDatasetShapes({d}).evidence, "1 of 1");
  d.dataset.set_rows(4780);
  EXPECT_EQ(CheckDatasetShapes({d}).verdict, Verdict::kFails);
  ConvexQuantities real = Good("real-sim");
  real.dataset.set_rows(72309);
  real.dataset.set_features(20958);
  real.dataset.set_nonzeros(72309 * 51);
  EXPECT_EQ(CheckDatasetShapes({real}).evidence,
            "0 of 1 (real-sim 72309 x 20958 where 20242 x 47236 stands)");
}

TEST(DiametersOnSparseData, FailsAboveATenth) {
  ConvexQuantities d = Good();
  EXPECT_EQ(CheckDiametersOnSparseData({d}).evidence, "1 of 1 (d 0.050)");
  d.diameters.linf = 2.1;
  EXPECT_EQ(CheckDiametersOnSparseData({d}).verdict, Verdict::kFails);
  // Few features are not large sparse data.
  d.dataset.set_features(123);
  EXPECT_EQ(CheckDiametersOnSparseData({d}).verdict, Verdict::kNotTested);
}

// C_var is far below 1 and still the bound does not favour AdaGrad.
TEST(VarianceBound, FailsWhereNoiseIsSpreadMoreThanDiameters) {
  ConvexQuantities d = Good();
  EXPECT_EQ(CheckVarianceBound({d}).evidence, "1 of 1 (d 0.50)");
  d.constants.set_noise_l1(40.0);
  const Claim claim = CheckVarianceBound({d});
  EXPECT_EQ(claim.verdict, Verdict::kFails);
  EXPECT_EQ(claim.evidence, "0 of 1 (d 2.00)");
}

// The trace's C_bias is below 1 and that of a valid |L|_1 above.
TEST(BiasBound, FailsWithAValidSmoothness) {
  ConvexQuantities d = Good();
  d.constants.set_smoothness_l1_valid(800.0);
  const Claim claim = CheckBiasBound({d});
  EXPECT_EQ(claim.verdict, Verdict::kFails);
  EXPECT_EQ(claim.evidence, "0 of 1 (d 2 where the trace gives 0.005)");
}

TEST(Claims, AreJudgedOnOfficialDataAlone) {
  ConvexQuantities bad = Good("s", /*stand_in=*/true);
  Cell(&bad, "adagrad", 64).suboptimality->value = 4.0;
  bad.diameters.linf = 15.0;
  const std::vector<Claim> both = CheckAll({Good(), bad});
  for (const Claim& claim : both) {
    EXPECT_EQ(claim.verdict, Verdict::kHolds) << claim.name;
    EXPECT_NE(claim.apart, "") << claim.name;
  }
  EXPECT_EQ(both[0].AllEvidence(),
            "3 of 3; 2 of 3 on stand-ins (not s at M = 64)");
  EXPECT_EQ(both[5].AllEvidence(),
            "1 of 1 (d 0.050); 0 of 1 on stand-ins (s 0.750)");
  // Good stand-ins do not make up for official data either.
  for (const Claim& claim : CheckAll({Good("s", true)})) {
    EXPECT_EQ(claim.verdict, Verdict::kNotTested) << claim.name;
    EXPECT_EQ(claim.evidence, "");
    EXPECT_NE(claim.apart, "");
  }
}

// The same numbers the other way round, of data that the paper does not have.
TEST(Claims, CountOnlyThePapersDataSets) {
  ConvexQuantities other = Good("other");
  other.in_paper = false;
  other.diameters = {1, 0.01};
  for (CellQuantities& cell : other.cells) {
    if (cell.method == "adagrad") cell.suboptimality->value = 100;
  }
  const std::vector<Claim> alone = CheckAll({Good()});
  const std::vector<Claim> both = CheckAll({other, Good()});
  ASSERT_EQ(both.size(), alone.size());
  for (size_t i = 0; i < both.size(); ++i) {
    EXPECT_EQ(both[i].verdict, Verdict::kHolds) << both[i].name;
    EXPECT_EQ(both[i].AllEvidence(), alone[i].AllEvidence());
  }
  for (const Claim& claim : CheckConvexClaims({other})) {
    EXPECT_EQ(claim.verdict, Verdict::kNotTested) << claim.name;
  }
}

}  // namespace
}  // namespace anisograd
