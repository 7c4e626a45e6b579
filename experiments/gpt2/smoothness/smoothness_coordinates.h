#ifndef EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_COORDINATES_H_
#define EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_COORDINATES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "experiments/gpt2/net/parameters.h"
#include "experiments/gpt2/smoothness/full_objective.h"
#include "experiments/gpt2/smoothness/smoothness.pb.h"

namespace anisograd {

// A tensor's name without its layer: "attn.c_attn.weight" for
// "h.0.attn.c_attn.weight", "wte.weight" for itself.
std::string TensorKind(const std::string& name);

// The coordinates that a spec asks for, as a pure function of its seed:
//   - for every kind of tensor, in the order of the layout, `coordinates_per_kind`
//     of the kind's elements in all layers, and of the embeddings only those rows
//     that the data of `objective` touch: other rows of wpe have no gradient at
//     all, and other rows of wte only that of the softmax's denominator;
//   - `aggregate_coordinates` of all elements of all tensors.
// Each group without repetition, all its elements where it has no more.
std::vector<ProbedCoordinate> DrawCoordinates(const Gpt2SmoothnessSpec& spec,
                                              const ParameterLayout& layout,
                                              const FullObjective& objective);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_COORDINATES_H_
