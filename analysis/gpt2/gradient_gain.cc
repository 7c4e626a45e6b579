#include "analysis/gpt2/gradient_gain.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "tools/base/random.h"

namespace anisograd {
namespace {

// The points, each probe with the gradient of probe permutation[probe].
std::vector<PlanePoint> Permuted(const ProbedScatter& scatter,
                                 const std::vector<int>& permutation) {
  std::vector<PlanePoint> points;
  for (const ProbedScatter::Point& point : scatter.points) {
    points.push_back({scatter.x[permutation[point.probe]], point.y});
  }
  return points;
}

// Mean excess of a line over that of a constant.
double RelativeExcess(const std::vector<PlanePoint>& points, double max_l1) {
  const double constant = MeanExcess(points, FitUpperEnvelope(points, 0.0));
  if (constant <= 0.0) return 1.0;
  return MeanExcess(points, FitUpperEnvelope(points, max_l1)) / constant;
}

double MeanRelativeExcess(const std::vector<const ProbedScatter*>& coordinates,
                          const std::vector<int>& permutation, double max_l1) {
  double sum = 0.0;
  for (const ProbedScatter* const scatter : coordinates) {
    sum += RelativeExcess(Permuted(*scatter, permutation), max_l1);
  }
  return sum / static_cast<double>(coordinates.size());
}

}  // namespace

GradientGain MeasureGradientGain(const std::vector<ProbedScatter>& coordinates,
                                 double max_l1, int probes_in_a_block) {
  GradientGain gain;
  std::vector<const ProbedScatter*> with_points;
  for (const ProbedScatter& scatter : coordinates) {
    if (!scatter.points.empty()) with_points.push_back(&scatter);
  }
  gain.coordinates = static_cast<int>(with_points.size());
  if (with_points.empty()) return gain;
  std::vector<int> permutation(with_points[0]->x.size());
  std::iota(permutation.begin(), permutation.end(), 0);
  for (const ProbedScatter* const scatter : with_points) {
    gain.flat +=
        FitUpperEnvelope(Permuted(*scatter, permutation), max_l1).l1 == 0.0;
  }
  gain.excess = MeanRelativeExcess(with_points, permutation, max_l1);
  const size_t block = static_cast<size_t>(probes_in_a_block);
  int as_good = 0;
  for (uint32_t k = 0; k < kPermutations; ++k) {
    std::iota(permutation.begin(), permutation.end(), 0);
    for (size_t begin = 0; begin < permutation.size(); begin += block) {
      // A seed for every block.
      const RandomStream stream(1 + begin / block, RandomPurpose::kShuffle, k);
      Shuffle(stream, permutation.data() + begin,
              std::min(block, permutation.size() - begin));
    }
    const double permuted =
        MeanRelativeExcess(with_points, permutation, max_l1);
    as_good += permuted <= gain.excess;
    gain.least_permuted = std::min(gain.least_permuted, permuted);
  }
  gain.p_value = (1.0 + as_good) / (1.0 + kPermutations);
  return gain;
}

}  // namespace anisograd
