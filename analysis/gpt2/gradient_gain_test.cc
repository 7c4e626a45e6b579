#include "analysis/gpt2/gradient_gain.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/normal.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

constexpr double kFree = std::numeric_limits<double>::infinity();
constexpr int kProbes = 50;
constexpr int kCoordinates = 8;
constexpr int kSeeds = 20;
constexpr double kSignificant = 0.05;

// Both x and y fall along the path by a factor of 30, as GPT-2's do when the loss
// falls from 7.1 to 0.25, and scatter about that: x = e^(-t + s a) and, for either
// of two points, y = e^(-t + s b), where b is c a and otherwise its own noise.
std::vector<ProbedScatter> Drifting(uint64_t seed, double correlation) {
  const double own = std::sqrt(1.0 - correlation * correlation);
  const RandomStream stream(seed, RandomPurpose::kTest);
  uint64_t position = 0;
  const auto normal = [&] { return NormalAt(stream, position++); };
  std::vector<ProbedScatter> coordinates(kCoordinates);
  for (ProbedScatter& scatter : coordinates) {
    for (int i = 0; i < kProbes; ++i) {
      const double trend = -std::log(30.0) * i / kProbes;
      const double a = normal();
      scatter.x.push_back(std::exp(trend + 0.7 * a));
      for (int k = 0; k < 2; ++k) {
        const double b = correlation * a + own * normal();
        scatter.points.push_back({i, std::exp(trend + 0.7 * b)});
      }
    }
  }
  return coordinates;
}

// Of kSeeds draws.
int Significant(double correlation, int probes_in_a_block) {
  int count = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const GradientGain gain = MeasureGradientGain(
        Drifting(seed, correlation), kFree, probes_in_a_block);
    EXPECT_EQ(gain.coordinates, kCoordinates);
    count += gain.p_value <= kSignificant;
  }
  return count;
}

// 1 of 20 by the level; 5 or more would have a probability of 0.3 %.
TEST(GradientGain, ATrendThatBothShareIsNoGain) {
  EXPECT_LE(Significant(0.0, kProbesInABlock), 4);
  // Gradients dealt out over the whole path call it one.
  EXPECT_EQ(Significant(0.0, kProbes), kSeeds);
}

TEST(GradientGain, WhatTheyShareBeyondTheTrendIs) {
  EXPECT_GE(Significant(0.7, kProbesInABlock), 19);
}

// Three probes, one block: x = y, and one point more above the second.
TEST(GradientGain, ByHand) {
  ProbedScatter scatter;
  scatter.x = {1, 2, 3};
  scatter.points = {{0, 1}, {1, 2}, {2, 3}, {1, 1}};
  const GradientGain gain = MeasureGradientGain({scatter, {}}, kFree);
  EXPECT_EQ(gain.coordinates, 1);
  EXPECT_EQ(gain.flat, 0);
  // y = x exceeds the last point by 1, y = 3 the points by 2, 1, 0 and 2.
  EXPECT_DOUBLE_EQ(gain.excess, 1.0 / 5);
  // The identity is one of the six orders.
  EXPECT_EQ(gain.least_permuted, gain.excess);
  EXPECT_NEAR(gain.p_value, 1.0 / 6, 0.08);
}

// Blocks of one leave all gradients where they are.
TEST(GradientGain, BlocksKeepTheirProbes) {
  const GradientGain gain = MeasureGradientGain(Drifting(1, 0.7), kFree, 1);
  EXPECT_EQ(gain.least_permuted, gain.excess);
  EXPECT_EQ(gain.p_value, 1.0);
  // x and y are constant within blocks, of which the last is of two.
  ProbedScatter steps;
  for (int i = 0; i < 12; ++i) {
    steps.x.push_back(100.0 * (i / 5));
    steps.points.push_back({i, 10.0 * (i / 5)});
  }
  const GradientGain kept = MeasureGradientGain({steps}, kFree);
  EXPECT_EQ(kept.excess, 0.0);
  EXPECT_EQ(kept.p_value, 1.0);
}

TEST(GradientGain, FlatPointsGainNothing) {
  ProbedScatter flat;
  for (int i = 0; i < 10; ++i) {
    flat.x.push_back(i);
    flat.points.push_back({i, 2.0});
  }
  const GradientGain gain = MeasureGradientGain({flat}, kFree);
  EXPECT_EQ(gain.flat, 1);
  EXPECT_EQ(gain.excess, 1.0);
  EXPECT_EQ(gain.p_value, 1.0);
  EXPECT_EQ(MeasureGradientGain({}, kFree).coordinates, 0);
}

}  // namespace
}  // namespace anisograd
