#include "experiments/gpt2/smoothness/smoothness_coordinates.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "tools/base/random.h"

namespace anisograd {
namespace {

// Elements of a tensor that may be drawn: those of some rows, or all.
struct Candidates {
  const ParameterTensor* tensor;
  // Ignored where `whole`.
  std::vector<int64_t> rows;
  bool whole = true;

  int64_t row_size() const { return tensor->shape.back(); }
  int64_t size() const {
    return whole ? tensor->size
                 : static_cast<int64_t>(rows.size()) * row_size();
  }
  // The index in the tensor of candidate k.
  int64_t Index(int64_t k) const {
    return whole ? k : rows[k / row_size()] * row_size() + k % row_size();
  }
};

// `count` different numbers below `size`, in the order drawn; all, ascending,
// where there are no more.
std::vector<int64_t> DrawBelow(int64_t size, int64_t count,
                               RandomStream stream) {
  std::vector<int64_t> drawn;
  if (count >= size) {
    drawn.resize(static_cast<size_t>(size));
    std::iota(drawn.begin(), drawn.end(), int64_t{0});
    return drawn;
  }
  std::unordered_set<int64_t> seen;
  while (static_cast<int64_t>(drawn.size()) < count) {
    const int64_t k =
        static_cast<int64_t>(stream.NextBelow(static_cast<uint64_t>(size)));
    if (seen.insert(k).second) drawn.push_back(k);
  }
  return drawn;
}

// Draws from the candidates of a group of tensors.
void Draw(const std::vector<Candidates>& group, int64_t count,
          const RandomStream& stream, ProbedCoordinate::Sample sample,
          std::vector<ProbedCoordinate>* out) {
  int64_t size = 0;
  for (const Candidates& c : group) size += c.size();
  for (int64_t k : DrawBelow(size, count, stream)) {
    const Candidates* c = group.data();
    for (; k >= c->size(); ++c) k -= c->size();
    ProbedCoordinate& coordinate = out->emplace_back();
    coordinate.set_sample(sample);
    coordinate.set_kind(TensorKind(c->tensor->name));
    coordinate.set_tensor(c->tensor->name);
    coordinate.set_index(c->Index(k));
  }
}

Candidates CandidatesOf(const ParameterTensor& tensor,
                        const ParameterLayout& layout,
                        const FullObjective& objective) {
  Candidates candidates{&tensor, {}, false};
  if (&tensor == &layout.token_embedding()) {
    candidates.rows.assign(objective.token_ids().begin(),
                           objective.token_ids().end());
  } else if (&tensor == &layout.position_embedding()) {
    candidates.rows.resize(static_cast<size_t>(objective.longest()));
    std::iota(candidates.rows.begin(), candidates.rows.end(), int64_t{0});
  } else {
    candidates.whole = true;
  }
  return candidates;
}

}  // namespace

std::string TensorKind(const std::string& name) {
  if (name.compare(0, 2, "h.") != 0) return name;
  return name.substr(name.find('.', 2) + 1);
}

std::vector<ProbedCoordinate> DrawCoordinates(const Gpt2SmoothnessSpec& spec,
                                              const ParameterLayout& layout,
                                              const FullObjective& objective) {
  std::vector<std::pair<std::string, std::vector<Candidates>>> kinds;
  std::vector<Candidates> all;
  for (const ParameterTensor& tensor : layout.tensors()) {
    const std::string kind = TensorKind(tensor.name);
    auto group = std::find_if(kinds.begin(), kinds.end(),
                              [&](const auto& g) { return g.first == kind; });
    if (group == kinds.end()) group = kinds.insert(kinds.end(), {kind, {}});
    group->second.push_back(CandidatesOf(tensor, layout, objective));
    all.push_back({&tensor});
  }
  std::vector<ProbedCoordinate> coordinates;
  // Stream 0 is that of the uniform sample.
  uint32_t stream = 0;
  for (const auto& group : kinds) {
    Draw(group.second, spec.coordinates_per_kind(),
         RandomStream(spec.seed(), RandomPurpose::kSampling, ++stream),
         ProbedCoordinate::STRATIFIED, &coordinates);
  }
  Draw(all, spec.aggregate_coordinates(),
       RandomStream(spec.seed(), RandomPurpose::kSampling, 0),
       ProbedCoordinate::UNIFORM, &coordinates);
  return coordinates;
}

}  // namespace anisograd
