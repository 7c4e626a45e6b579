#include "data/synthetic.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "data/random_draws.h"
#include "data/synthetic_categorical.h"
#include "data/synthetic_text.h"
#include "tools/base/random.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

// Streams of the generator, by index, beside one per row.
constexpr uint32_t kFeatureOrder = 0;
constexpr uint32_t kPlantedModel = 1;
constexpr uint32_t kFirstRow = 2;

CsrMatrix GeneratePlain(const DatasetSpec& spec) {
  const SyntheticSpec& synthetic = spec.synthetic();
  const bool binary = synthetic.values() == SyntheticSpec::BINARY;
  const int64_t features = spec.features();

  std::vector<uint32_t> feature_of_rank(features);
  std::iota(feature_of_rank.begin(), feature_of_rank.end(), 0);
  Shuffle(RandomStream(synthetic.seed(), RandomPurpose::kSyntheticData,
                       kFeatureOrder),
          feature_of_rank.data(), feature_of_rank.size());
  const RandomStream planted(synthetic.seed(), RandomPurpose::kSyntheticData,
                             kPlantedModel);
  const auto planted_weight = [&](uint32_t j) {
    return (planted.At(j) >> 63) != 0 ? 1.0 : -1.0;
  };
  std::vector<double> weights(features);
  for (int64_t r = 0; r < features; ++r) {
    weights[r] = ExpNonPositive(-synthetic.power_law_exponent() *
                                Log(static_cast<double>(r + 1)));
  }
  const Discrete ranks(std::move(weights));
  DistinctDraws draws(features);

  CsrMatrix out;
  out.features = features;
  out.row_start.push_back(0);
  std::vector<uint32_t> row;
  for (int64_t i = 0; i < spec.rows(); ++i) {
    RandomStream stream(synthetic.seed(), RandomPurpose::kSyntheticData,
                        static_cast<uint32_t>(i) + kFirstRow);
    // Binary sets of the a*a kind have nearly constant rows; lengths of texts
    // are spread, here evenly over 1 .. 2 mean - 1.
    const double mean = spec.mean_nonzeros();
    const double length =
        binary ? mean : 1.0 + (2.0 * mean - 2.0) * stream.NextUniform();
    int64_t count = static_cast<int64_t>(length);
    if (stream.NextUniform() < length - static_cast<double>(count)) ++count;
    count = std::max<int64_t>(1, std::min(count, features / 2));
    row.clear();
    draws.Row(
        i, count, [&] { return ranks.Draw(&stream); },
        [&](int64_t r) { row.push_back(feature_of_rank[r]); });
    std::sort(row.begin(), row.end());
    double norm_squared = 0.0;
    const size_t first = out.value.size();
    for (const uint32_t j : row) {
      const double x = binary ? 1.0 : stream.NextUniform(0.5, 1.5);
      norm_squared += x * x;
      out.index.push_back(j);
      out.value.push_back(x);
    }
    const double norm = std::sqrt(norm_squared);
    double score = 0.0;
    for (size_t k = first; k < out.value.size(); ++k) {
      score += out.value[k] * planted_weight(out.index[k]) / norm;
      if (!binary) out.value[k] /= norm;
    }
    // The score has variance 1; the sum of two uniforms is noise enough.
    const double noise =
        stream.NextUniform(-1.0, 1.0) + stream.NextUniform(-1.0, 1.0);
    out.label.push_back(
        score + synthetic.label_noise() * noise >= 0.0 ? 1 : -1);
    out.row_start.push_back(static_cast<uint32_t>(out.index.size()));
  }
  return out;
}

}  // namespace

CsrMatrix GenerateStandIn(const DatasetSpec& spec) {
  if (spec.synthetic().has_categorical()) return GenerateCategorical(spec);
  if (spec.synthetic().has_text()) return GenerateText(spec);
  return GeneratePlain(spec);
}

CsrMatrix GenerateExponentialTail(int64_t rows, int64_t features, double tau,
                                  uint64_t seed) {
  CsrMatrix out;
  out.features = features;
  out.row_start.push_back(0);
  std::vector<double> scale(features);
  for (int64_t j = 0; j < features; ++j) {
    scale[j] = ExpNonPositive(-0.5 * tau * static_cast<double>(j + 1));
  }
  for (int64_t i = 0; i < rows; ++i) {
    RandomStream stream(seed, RandomPurpose::kSyntheticData,
                        static_cast<uint32_t>(i) + kFirstRow);
    const bool flip = stream.NextUniform() < 0.1;
    for (int64_t j = 0; j < features; ++j) {
      const double sign = (stream.Next() >> 63) != 0 ? 1.0 : -1.0;
      out.index.push_back(static_cast<uint32_t>(j));
      out.value.push_back(sign * scale[j]);
    }
    const bool positive = out.value[out.row_start.back()] > 0.0;
    out.label.push_back(positive != flip ? 1 : -1);
    out.row_start.push_back(static_cast<uint32_t>(out.index.size()));
  }
  return out;
}

}  // namespace anisograd
