#include "analysis/page/conclusion.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

// d = 4, |L|_1 = 2, L_inf = 1: curvature 1/2. |sigma|_1 = 3, |sigma|_2 = 2:
// noise 9/16. D_2 = 3, D_inf = 2: geometry 9/16.
ProblemConstants MakeConstants() {
  ProblemConstants c;
  c.set_dimension(4);
  c.mutable_gram()->set_top_lower(1.0);
  c.mutable_gram()->set_top_upper(1.0);
  c.mutable_gram()->set_valid_l1(2.0);
  c.mutable_gram()->set_valid_l1_lower(2.0);
  c.mutable_noise_universal()->set_l1(3.0);
  c.mutable_noise_universal()->set_l2(2.0);
  c.mutable_noise_universal()->set_sparsity(9.0 / 16);
  return c;
}

constexpr double kExploded = std::numeric_limits<double>::infinity();

void AddCell(const char* method, int64_t m, double value, ConvexQuantities* q) {
  CellQuantities cell;
  cell.method = method;
  cell.batch_size = m;
  if (std::isfinite(value)) cell.suboptimality = Quantity{value};
  q->cells.push_back(cell);
}

ConvexQuantities MakeQuantities(double sgd, double adagrad) {
  ConvexQuantities q;
  q.dataset.set_name("made");
  AddCell("sgd", 8, sgd, &q);
  AddCell("adagrad", 8, adagrad, &q);
  return q;
}

TEST(Anisotropy, RatiosAreQuotientsOfShares) {
  const auto a = ComputeAnisotropy(MakeConstants(), {2.0, 3.0});
  ASSERT_TRUE(a.has_value());
  EXPECT_DOUBLE_EQ(a->curvature, 0.5);
  EXPECT_DOUBLE_EQ(a->noise, 9.0 / 16);
  EXPECT_DOUBLE_EQ(a->geometry, 9.0 / 16);
  EXPECT_DOUBLE_EQ(a->r1, 1.0);
  EXPECT_DOUBLE_EQ(a->r1, std::sqrt(a->noise / a->geometry));
  EXPECT_DOUBLE_EQ(a->r2, 8.0 / 9);
  EXPECT_DOUBLE_EQ(a->r2_lower, 8.0 / 9);
  EXPECT_DOUBLE_EQ(a->r2_upper, 8.0 / 9);
}

TEST(Anisotropy, UncertainConstantsMakeAnInterval) {
  ProblemConstants c = MakeConstants();
  c.mutable_gram()->set_top_lower(0.5);
  c.mutable_gram()->set_valid_l1_lower(1.0);
  const auto a = ComputeAnisotropy(c, {2.0, 3.0});
  EXPECT_DOUBLE_EQ(a->r2_lower, 4.0 / 9);
  EXPECT_DOUBLE_EQ(a->r2_upper, 16.0 / 9);
}

TEST(Anisotropy, NeedsDistances) {
  EXPECT_FALSE(ComputeAnisotropy(MakeConstants(), Diameters()).has_value());
  EXPECT_TRUE(ComputeAnisotropy(MakeConstants(), {0.5, 0.75}).has_value());
}

// Every verdict is reached, each by numbers that call for it.
TEST(Conclude, FollowsTheNumbers) {
  const auto conclude = [](double sgd, double adagrad, double r1, double r2) {
    Anisotropy a;
    a.geometry = 0.25;
    a.noise = r1 * r1 / 4;
    a.curvature = r2 / 4;
    a.r1 = r1;
    a.r2 = a.r2_lower = a.r2_upper = r2;
    return Conclude(MakeQuantities(sgd, adagrad), a);
  };
  EXPECT_EQ(conclude(0.3, 0.1, 2, 3),
            "On made AdaGrad's loss is below SGD's at 1 of 1 batch sizes (SGD's "
            "distance to f(w*) is 3 to 3 times AdaGrad's); curvature (0.75) and "
            "noise (1) are spread over a larger share of the coordinates than "
            "the distances (0.25), R1 = 2.00, R2 = 3.00, so that with constants "
            "that the assumptions allow both terms of Theorem 4.1 are above "
            "SGD's: the lead is there, and the theorem does not explain it.");
  const auto has = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_TRUE(has(conclude(0.3, 0.1, 0.5, 0.5), "explanation stands"));
  EXPECT_TRUE(has(conclude(0.3, 0.1, 0.5, 2), "the variance term alone"));
  EXPECT_TRUE(has(conclude(0.3, 0.1, 2, 0.5), "the bias term alone"));
  EXPECT_TRUE(has(conclude(0.1, 0.3, 0.5, 0.5), "promise more"));
  EXPECT_TRUE(has(conclude(0.1, 0.3, 2, 2), "promises no lead"));
  // AdaGrad alone exploded: the pair counts against it.
  EXPECT_TRUE(has(conclude(0.3, kExploded, 2, 2), "at 0 of 1 batch sizes; "));
  EXPECT_TRUE(has(conclude(kExploded, 0.1, 2, 2), "cannot be compared"));
  EXPECT_TRUE(has(Conclude(MakeQuantities(0.3, 0.1), std::nullopt),
                  "ratios are not known"));
}

TEST(Conclude, SaysThatAnIntervalAroundOneDecidesNothing) {
  Anisotropy a;
  a.r1 = 2.0;
  a.r2 = a.r2_upper = 1.2;
  a.r2_lower = 0.8;
  EXPECT_THAT(Conclude(MakeQuantities(0.3, 0.1), a),
              testing::HasSubstr(
                  "R2 from 0.8 to 1.2, do not decide whether the bias term of "
                  "Theorem 4.1 is below SGD's; its variance term is not."));
  a.r1 = 0.5;
  EXPECT_THAT(Conclude(MakeQuantities(0.1, 0.3), a),
              testing::HasSubstr("its variance term is."));
  // At 1 exactly AdaGrad's term is not the lower one.
  a.r2 = a.r2_lower = a.r2_upper = 1.0;
  EXPECT_THAT(Conclude(MakeQuantities(0.3, 0.1), a),
              testing::HasSubstr("the variance term alone"));
}

}  // namespace
}  // namespace anisograd
