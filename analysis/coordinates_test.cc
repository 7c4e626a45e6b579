#include "analysis/coordinates.h"

#include <cmath>

#include "data/csr.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

// X = [0 2; 1 0; 1 0], y = (1, 1, -1): H = diag(2, 4) / 3; gradients at 0 are
// (0, -1), (-1/2, 0), (1/2, 0).
Coordinates MakeCoordinates() {
  CsrMatrix m;
  m.features = 3;
  m.row_start = {0, 1, 2, 3};
  m.index = {1, 0, 0};
  m.value = {2, 1, 1};
  m.label = {1, 1, -1};
  auto problem = LogisticProblem::Create(m.view(), false);
  EXPECT_OK(problem.status());
  Coordinates out = ComputeCoordinates(*problem);
  out.dataset.set_name("d");
  out.dataset.set_note("made up");
  return out;
}

TEST(CoordinatesTest, DescendingDiagonalAndDeviations) {
  const Coordinates c = MakeCoordinates();
  ASSERT_EQ(c.smoothness.size(), 3);
  EXPECT_NEAR(c.smoothness[0], 4.0 / 3, 1e-15);
  EXPECT_NEAR(c.smoothness[1], 2.0 / 3, 1e-15);
  EXPECT_EQ(c.smoothness[2], 0.0);
  EXPECT_NEAR(c.noise[0], std::sqrt(2.0 / 9), 1e-15);
  EXPECT_NEAR(c.noise[1], std::sqrt(1.0 / 6), 1e-15);
}

TEST(CoordinatesTest, Csv) {
  const Coordinates c = MakeCoordinates();
  EXPECT_THAT(MakeCoordinatesCsv({c}),
              HasSubstr("# note: d: made up.\n"
                        "quantity,dataset,rank,value\n"
                        "L_j,d,1,1.333\n"
                        "L_j,d,2,0.6667\n"
                        "sigma_j,d,1,0.4714\n"
                        "sigma_j,d,2,0.4082\n"));
}

TEST(CoordinatesTest, ManyCoordinatesAreThinnedOut) {
  Coordinates c;
  c.dataset.set_name("d");
  c.smoothness.assign(10000, 1.0);
  const std::string csv = MakeCoordinatesCsv({c}, 5);
  EXPECT_THAT(csv, HasSubstr("rank,value\nL_j,d,1,1\nL_j,d,10,1\nL_j,d,100,1\n"
                             "L_j,d,1000,1\nL_j,d,10000,1\n"));
}

}  // namespace
}  // namespace anisograd
