#include "optim/projection.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;

ProjectionSpec Spec(ProjectionSpec::Kind kind, double radius) {
  ProjectionSpec spec;
  spec.set_kind(kind);
  spec.set_radius(radius);
  return spec;
}

TEST(ProjectEuclidean, Box) {
  std::vector<double> w = {-3, 0.5, 2};
  ASSERT_OK(ProjectEuclidean(Spec(ProjectionSpec::BOX, 1), absl::MakeSpan(w)));
  EXPECT_THAT(w, ElementsAre(-1, 0.5, 1));
}

TEST(ProjectEuclidean, BallScalesOnlyFromOutside) {
  std::vector<double> w = {3, -4};
  ASSERT_OK(
      ProjectEuclidean(Spec(ProjectionSpec::L2_BALL, 5), absl::MakeSpan(w)));
  EXPECT_THAT(w, ElementsAre(3, -4));
  ASSERT_OK(
      ProjectEuclidean(Spec(ProjectionSpec::L2_BALL, 1), absl::MakeSpan(w)));
  EXPECT_NEAR(w[0], 0.6, 1e-15);
  EXPECT_NEAR(w[1], -0.8, 1e-15);
}

TEST(ProjectEuclidean, NoneChangesNothing) {
  std::vector<double> w = {1e9};
  ASSERT_OK(ProjectEuclidean(ProjectionSpec(), absl::MakeSpan(w)));
  EXPECT_THAT(w, ElementsAre(1e9));
}

TEST(ProjectWeighted, EqualsEuclideanForEqualScales) {
  std::vector<double> a = {3, -4, 12}, b = a;
  const std::vector<double> scale(3, 7.0);
  const ProjectionSpec ball = Spec(ProjectionSpec::L2_BALL, 2);
  ASSERT_OK(ProjectEuclidean(ball, absl::MakeSpan(a)));
  ASSERT_OK(ProjectWeighted(ball, scale, absl::MakeSpan(b)));
  for (int j = 0; j < 3; ++j) EXPECT_NEAR(a[j], b[j], 1e-14);
}

// The KKT conditions: |z|_2 = r and scale_j (w_j - z_j) = mu z_j with one
// mu >= 0 for all j.
TEST(ProjectWeighted, BallMeetsTheKktConditions) {
  RandomStream stream(1, RandomPurpose::kTest);
  for (int trial = 0; trial < 200; ++trial) {
    const double spread = stream.NextUniform(0, 12);
    std::vector<double> w(20), scale(20);
    for (int j = 0; j < 20; ++j) {
      w[j] = stream.NextUniform(-10, 10);
      scale[j] = std::exp(stream.NextUniform(-spread, spread));
    }
    const double radius = stream.NextUniform(0.01, 5);
    std::vector<double> z = w;
    ASSERT_OK(ProjectWeighted(Spec(ProjectionSpec::L2_BALL, radius), scale,
                              absl::MakeSpan(z)));
    double norm = 0.0;
    for (const double x : z) norm += x * x;
    EXPECT_NEAR(std::sqrt(norm) / radius, 1.0, 1e-12);
    const double mu = scale[0] * (w[0] - z[0]) / z[0];
    EXPECT_GE(mu, 0.0);
    for (int j = 0; j < 20; ++j) {
      EXPECT_NEAR(scale[j] * (w[j] - z[j]), mu * z[j],
                  1e-10 * scale[j] * std::fabs(w[j]));
    }
  }
}

// Coordinates of a box do not know of each other, so that weights of the distance
// change nothing; nor do they where there is nothing to project.
TEST(ProjectWeighted, BoxAndNoneAreEuclidean) {
  const std::vector<double> scale = {1.0, 100.0, 0.01};
  std::vector<double> w = {-3, 0.5, 2};
  ASSERT_OK(ProjectWeighted(ProjectionSpec(), scale, absl::MakeSpan(w)));
  EXPECT_THAT(w, ElementsAre(-3, 0.5, 2));
  ASSERT_OK(
      ProjectWeighted(Spec(ProjectionSpec::BOX, 1), scale, absl::MakeSpan(w)));
  EXPECT_THAT(w, ElementsAre(-1, 0.5, 1));
}

TEST(ProjectWeighted, RefusesBadArguments) {
  std::vector<double> w = {1, 2};
  const ProjectionSpec ball = Spec(ProjectionSpec::L2_BALL, 1);
  EXPECT_FALSE(ProjectWeighted(ball, {1.0}, absl::MakeSpan(w)).ok());
  EXPECT_FALSE(ProjectWeighted(ball, {1.0, 0.0}, absl::MakeSpan(w)).ok());
  EXPECT_FALSE(ProjectEuclidean(Spec(ProjectionSpec::BOX, -1),
                                absl::MakeSpan(w))
                   .ok());
}

}  // namespace
}  // namespace anisograd
