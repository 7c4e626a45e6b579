#include "data/synthetic_categorical.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "data/random_draws.h"
#include "tools/base/random.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

struct Group {
  uint32_t first;  // from 0
  std::vector<double> score;
  int parent;  // -1 for none
  std::vector<Discrete> given;
};

std::vector<Group> ReadGroups(const CategoricalSpec& spec) {
  std::vector<Group> out;
  absl::flat_hash_map<std::string, int> by_name;
  for (const CategoricalSpec::Group& group : spec.group()) {
    by_name[group.name()] = static_cast<int>(out.size());
    Group g{static_cast<uint32_t>(group.first_feature() - 1),
            {group.score().begin(), group.score().end()},
            group.parent().empty() ? -1 : by_name[group.parent()],
            {}};
    for (const CategoricalSpec::Counts& counts : group.given()) {
      g.given.emplace_back(
          std::vector<double>(counts.count().begin(), counts.count().end()));
    }
    out.push_back(std::move(g));
  }
  return out;
}

// 1 / (1 + exp(-x)).
double Sigmoid(double x) {
  const double e = ExpNonPositive(x < 0.0 ? x : -x);
  return x < 0.0 ? e / (1.0 + e) : 1.0 / (1.0 + e);
}

}  // namespace

CsrMatrix GenerateCategorical(const DatasetSpec& spec) {
  const CategoricalSpec& categorical = spec.synthetic().categorical();
  const std::vector<Group> groups = ReadGroups(categorical);
  CsrMatrix out;
  out.features = spec.features();
  out.row_start.push_back(0);
  std::vector<int64_t> value(groups.size());
  for (int64_t i = 0; i < spec.rows(); ++i) {
    RandomStream stream(spec.synthetic().seed(), RandomPurpose::kSyntheticData,
                        static_cast<uint32_t>(i));
    double score = categorical.intercept();
    const auto first = out.index.size();
    for (size_t g = 0; g < groups.size(); ++g) {
      const Group& group = groups[g];
      value[g] = group.given[group.parent < 0 ? 0 : value[group.parent]].Draw(
          &stream);
      if (value[g] == 0) continue;
      score += group.score[value[g] - 1];
      out.index.push_back(group.first + static_cast<uint32_t>(value[g] - 1));
    }
    std::sort(out.index.begin() + first, out.index.end());
    out.value.resize(out.index.size(), 1.0);
    out.label.push_back(stream.NextUniform() < Sigmoid(score) ? 1 : -1);
    out.row_start.push_back(static_cast<uint32_t>(out.index.size()));
  }
  return out;
}

}  // namespace anisograd
