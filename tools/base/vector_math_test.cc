#include "tools/base/vector_math.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "gtest/gtest.h"
#include "tools/base/lanes.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

double UnitsInTheLastPlace(double a, double b) {
  const double scale =
      std::nextafter(std::fabs(b), std::numeric_limits<double>::infinity()) -
      std::fabs(b);
  return std::fabs(a - b) / scale;
}

TEST(ExpNonPositive, WithinTwoUlpsOfTheCLibrary) {
  RandomStream stream(1, RandomPurpose::kTest);
  for (int i = 0; i < 200000; ++i) {
    // Magnitudes from 1e-8 to 700.
    const double x = -std::exp(stream.NextUniform(-18.0, 6.55));
    ASSERT_LE(UnitsInTheLastPlace(ExpNonPositive(x), std::exp(x)), 2.0) << x;
  }
}

TEST(ExpNonPositive, Extremes) {
  EXPECT_EQ(ExpNonPositive(0.0), 1.0);
  EXPECT_EQ(ExpNonPositive(-0.0), 1.0);
  EXPECT_LT(ExpNonPositive(-1e300), 1e-306);
  EXPECT_GE(ExpNonPositive(-std::numeric_limits<double>::infinity()), 0.0);
  EXPECT_TRUE(std::isnan(ExpNonPositive(std::nan(""))));
}

TEST(Log, WithinTwoUlpsOfTheCLibrary) {
  RandomStream stream(2, RandomPurpose::kTest);
  for (int i = 0; i < 200000; ++i) {
    const double x = std::exp(stream.NextUniform(-700.0, 700.0));
    ASSERT_LE(UnitsInTheLastPlace(Log(x), std::log(x)), 2.0) << x;
    const double near_one = stream.NextUniform(0.5, 2.0);
    ASSERT_LE(UnitsInTheLastPlace(Log(near_one), std::log(near_one)), 2.0)
        << near_one;
  }
  EXPECT_EQ(Log(1.0), 0.0);
  EXPECT_EQ(Log(2.0), std::log(2.0));
  EXPECT_EQ(Log(0x1.0p-512), std::log(0x1.0p-512));
}

TEST(Log, OfWhatIsNotFinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(LogOrNotFinite(infinity), infinity);
  EXPECT_TRUE(std::isnan(LogOrNotFinite(std::nan(""))));
  EXPECT_EQ(LogOrNotFinite(std::numeric_limits<double>::max()),
            Log(std::numeric_limits<double>::max()));
}

TEST(Sine, WithinTwoUlpsOfTheCLibrary) {
  RandomStream stream(4, RandomPurpose::kTest);
  for (int i = 0; i < 200000; ++i) {
    // To pi / 4, and near zero.
    const double x = stream.NextUniform(-0x1.921fb54442d18p-1,
                                        0x1.921fb54442d18p-1) *
                     (i % 2 == 0 ? 1.0 : std::exp(stream.NextUniform(-30.0, 0.0)));
    ASSERT_LE(UnitsInTheLastPlace(Sine(x), std::sin(x)), 2.0) << x;
  }
  EXPECT_EQ(Sine(0.0), 0.0);
  EXPECT_EQ(Sine(0x1p-600), 0x1p-600);
}

template <typename V>
class LanesTest : public testing::Test {};
using AllLanes = testing::Types<Lanes2, Lanes8, Lanes16>;
TYPED_TEST_SUITE(LanesTest, AllLanes);

// Lane i has the bits of the scalar path, for every operation.
TYPED_TEST(LanesTest, HasTheBitsOfTheScalarPath) {
  using V = TypeParam;
  RandomStream stream(3, RandomPurpose::kTest);
  for (int trial = 0; trial < 2000; ++trial) {
    double a[V::kLanes], b[V::kLanes], c[V::kLanes], out[V::kLanes];
    for (int i = 0; i < V::kLanes; ++i) {
      a[i] = stream.NextUniform(-30.0, 5.0);
      b[i] = stream.NextUniform(-2.0, 2.0);
      c[i] = stream.NextUniform(-2.0, 2.0);
    }
    a[trial % V::kLanes] = trial % 3 == 0 ? std::nan("") : -0.0;
    const V va = V::Load(a), vb = V::Load(b), vc = V::Load(c);
    const auto expect_same = [&](const V& lanes, auto scalar,
                                 const char* name) {
      lanes.Store(out);
      for (int i = 0; i < V::kLanes; ++i) {
        const double expected = scalar(a[i], b[i], c[i]);
        if (std::isnan(expected)) {
          ASSERT_TRUE(std::isnan(out[i])) << name;
        } else {
          ASSERT_EQ(std::memcmp(&out[i], &expected, sizeof(double)), 0)
              << name << " " << out[i] << " " << expected;
        }
      }
    };
    using D = double;
    expect_same(va + vb, [](D x, D y, D) { return x + y; }, "add");
    expect_same(va - vb, [](D x, D y, D) { return x - y; }, "sub");
    expect_same(va * vb, [](D x, D y, D) { return x * y; }, "mul");
    expect_same(va / vb, [](D x, D y, D) { return x / y; }, "div");
    expect_same(MulAdd(va, vb, vc), [](D x, D y, D z) { return MulAdd(x, y, z); },
                "fma");
    expect_same(Sqrt(Abs(va)), [](D x, D, D) { return Sqrt(Abs(x)); }, "sqrt");
    expect_same(Max(va, vb), [](D x, D y, D) { return Max(x, y); }, "max");
    expect_same(Min(va, vb), [](D x, D y, D) { return Min(x, y); }, "min");
    expect_same(IfNegative(va, vb, vc),
                [](D x, D y, D z) { return IfNegative(x, y, z); }, "select");
    expect_same(ExpNonPositive(-Abs(va)),
                [](D x, D, D) { return ExpNonPositive(-Abs(x)); }, "exp");
    // One lane is enough to differ, or to exceed; NaN equals nothing.
    const double here = b[trial % V::kLanes];
    ASSERT_TRUE(AllEqual(vb, vb));
    ASSERT_FALSE(AnyGreater(vb, vb));
    b[trial % V::kLanes] = here + 0.5;
    ASSERT_FALSE(AllEqual(vb, V::Load(b)));
    ASSERT_TRUE(AnyGreater(V::Load(b), vb));
    ASSERT_FALSE(AnyGreater(vb, V::Load(b)));
    ASSERT_EQ(AllEqual(va, va), !std::isnan(a[trial % V::kLanes]));
  }
}

}  // namespace
}  // namespace anisograd
