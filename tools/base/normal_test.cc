#include "tools/base/normal.h"

#include <cmath>
#include <cstdint>

#include "gtest/gtest.h"

namespace anisograd {
namespace {

double NormalCdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

TEST(InverseNormal, KnownValues) {
  EXPECT_EQ(InverseNormal(0.5), 0.0);
  EXPECT_NEAR(InverseNormal(0.975), 1.959963984540054, 1e-14);
  EXPECT_NEAR(InverseNormal(0.25), -0.6744897501960817, 1e-14);
  EXPECT_NEAR(InverseNormal(0.001), -3.090232306167813, 1e-13);
  EXPECT_NEAR(InverseNormal(1e-20), -9.262340089798408, 1e-12);
}

TEST(InverseNormal, InvertsTheDistribution) {
  for (double p = 1e-15; p < 0.5; p *= 1.37) {
    EXPECT_NEAR(NormalCdf(InverseNormal(p)) / p, 1.0, 1e-12) << p;
    EXPECT_NEAR(InverseNormal(1.0 - p), -InverseNormal(p), 1e-15 / p) << p;
  }
}

TEST(NormalAt, HasTheMomentsOfTheStandardNormal) {
  const RandomStream stream(5, RandomPurpose::kTest);
  constexpr int kDraws = 200000;
  double m1 = 0, m2 = 0, m4 = 0;
  for (uint64_t i = 0; i < kDraws; ++i) {
    const double x = NormalAt(stream, i);
    m1 += x / kDraws;
    m2 += x * x / kDraws;
    m4 += x * x * x * x / kDraws;
  }
  // Five standard deviations of each average: variances 1, 2, 96.
  EXPECT_NEAR(m1, 0.0, 5 * std::sqrt(1.0 / kDraws));
  EXPECT_NEAR(m2, 1.0, 5 * std::sqrt(2.0 / kDraws));
  EXPECT_NEAR(m4, 3.0, 5 * std::sqrt(96.0 / kDraws));
}

}  // namespace
}  // namespace anisograd
