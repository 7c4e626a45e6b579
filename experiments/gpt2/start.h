#ifndef EXPERIMENTS_GPT2_START_H_
#define EXPERIMENTS_GPT2_START_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "experiments/gpt2/result.pb.h"
#include "experiments/gpt2/spec.pb.h"

namespace anisograd {

// The parameters that training starts from, with what is said of them.
struct Start {
  // In the model's ParameterLayout.
  std::vector<float> parameters;
  StartRecord record;
};

// As `start` asks for. OFFICIAL_WEIGHTS reads the safetensors file at
// `weights`; where `weights` is empty a random start stands in, and the record
// says so. Errors name the file and the tensor.
absl::StatusOr<Start> MakeStart(const Gpt2Start& start,
                                const Gpt2Config& model,
                                const std::string& weights);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_START_H_
