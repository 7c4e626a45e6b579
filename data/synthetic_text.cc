#include "data/synthetic_text.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "data/random_draws.h"
#include "tools/base/random.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

// Streams of the generator, by index: below kFirstRow one per topic (at most
// 2 x 64), one per class, one for the order of features.
constexpr uint32_t kClass = 128;
constexpr uint32_t kFeatureOrder = 130;
constexpr uint32_t kFirstRow = 131;
constexpr int kMostRepeats = 100;

double Exp(double x) {
  return x > 0.0 ? 1.0 / ExpNonPositive(-x) : ExpNonPositive(x);
}

// About standard normal, in (-6, 6): the sum of 12 uniforms.
double NextNormal(RandomStream* stream) {
  double sum = -6.0;
  for (int k = 0; k < 12; ++k) sum += stream->NextUniform();
  return sum;
}

// p_r up to a factor.
std::vector<double> Frequencies(const TextSpec& text, int64_t features) {
  std::vector<double> out(features);
  const double first = 1.0 + text.frequency_offset();
  for (int64_t r = 0; r < features; ++r) {
    out[r] = ExpNonPositive(-text.frequency_exponent() *
                            Log((static_cast<double>(r) + first) / first));
  }
  return out;
}

// Words of each topic, those of class +1 first.
std::vector<Discrete> Topics(const SyntheticSpec& spec,
                             const std::vector<double>& frequency) {
  const TextSpec& text = spec.text();
  std::vector<Discrete> out;
  for (int k = 0; k < 2 * text.topics(); ++k) {
    RandomStream of_class(spec.seed(), RandomPurpose::kSyntheticData,
                          kClass + (k < text.topics() ? 0 : 1));
    RandomStream of_topic(spec.seed(), RandomPurpose::kSyntheticData, k);
    std::vector<double> weight = frequency;
    for (double& w : weight) {
      w *= Exp(text.class_deviation() * NextNormal(&of_class) +
               text.topic_deviation() * NextNormal(&of_topic));
    }
    out.emplace_back(std::move(weight));
  }
  return out;
}

}  // namespace

CsrMatrix GenerateText(const DatasetSpec& spec) {
  const TextSpec& text = spec.synthetic().text();
  const uint64_t seed = spec.synthetic().seed();
  const int64_t features = spec.features();

  std::vector<uint32_t> feature_of_rank(features);
  std::iota(feature_of_rank.begin(), feature_of_rank.end(), 0);
  Shuffle(RandomStream(seed, RandomPurpose::kSyntheticData, kFeatureOrder),
          feature_of_rank.data(), feature_of_rank.size());
  const std::vector<double> frequency = Frequencies(text, features);
  const std::vector<Discrete> topics = Topics(spec.synthetic(), frequency);
  const double total =
      std::accumulate(frequency.begin(), frequency.end(), 0.0);
  std::vector<double> idf(features);
  for (int64_t r = 0; r < features; ++r) {
    const double share =
        1.0 - ExpNonPositive(-spec.mean_nonzeros() * frequency[r] / total);
    // What occurs at all does so in one row at least.
    idf[r] = Log(1.0 + 1.0 / std::max(share, 1.0 / static_cast<double>(
                                                     spec.rows())));
  }

  CsrMatrix out;
  out.features = features;
  out.row_start.push_back(0);
  DistinctDraws draws(features);
  std::vector<std::pair<uint32_t, double>> row;
  for (int64_t i = 0; i < spec.rows(); ++i) {
    RandomStream stream(seed, RandomPurpose::kSyntheticData,
                        static_cast<uint32_t>(i) + kFirstRow);
    const uint64_t own = stream.NextBelow(topics.size());
    const uint64_t other = stream.NextBelow(topics.size());
    // 1 - NextUniform() is never 0, where Log is not defined.
    const double stray =
        text.stray_most() *
        ExpNonPositive(text.stray_power() * Log(1.0 - stream.NextUniform()));
    const double s = text.length_deviation();
    const double length =
        spec.mean_nonzeros() * Exp(s * NextNormal(&stream) - 0.5 * s * s);
    const int64_t count = static_cast<int64_t>(std::max(
        1.0,
        std::min(std::floor(length + stream.NextUniform()),
                 std::floor(0.5 * static_cast<double>(features)))));
    row.clear();
    double norm_squared = 0.0;
    draws.Row(
        i, count,
        [&] {
          return topics[stream.NextUniform() < stray ? other : own].Draw(
              &stream);
        },
        [&](int64_t r) {
          int tf = 1;
          while (tf < kMostRepeats && stream.NextUniform() < text.repeat()) {
            ++tf;
          }
          const double x = (1.0 + Log(tf)) * idf[r];
          norm_squared += x * x;
          row.push_back({feature_of_rank[r], x});
        });
    std::sort(row.begin(), row.end());
    const double norm = std::sqrt(norm_squared);
    for (const auto& [j, x] : row) {
      out.index.push_back(j);
      out.value.push_back(x / norm);
    }
    out.label.push_back(own < static_cast<uint64_t>(text.topics()) ? 1 : -1);
    out.row_start.push_back(static_cast<uint32_t>(out.index.size()));
  }
  return out;
}

}  // namespace anisograd
