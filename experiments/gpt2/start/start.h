#ifndef EXPERIMENTS_GPT2_START_START_H_
#define EXPERIMENTS_GPT2_START_START_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/official_gpt2.h"
#include "experiments/gpt2/spec/result.pb.h"
#include "experiments/gpt2/spec/spec.pb.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// The parameters that training starts from, with what is said of them.
struct Start {
  // In the model's ParameterLayout.
  std::vector<float> parameters;
  StartRecord record;
};

// As `start` asks for. OFFICIAL_WEIGHTS reads the safetensors file at
// `weights`, which is official where its SHA-256 is `official_sha256`. Any
// other stands in for it, and the record says so:
// - weights that this program pre-trained (pretrained_weights.h), with their
//   PretrainingRecord;
// - weights of unknown origin, named by the SHA-256 of their file;
// - where `weights` is empty, a random start.
// PRETRAINED_WEIGHTS takes only weights that this program pre-trained, and says
// which they are; they stand in for GPT-2's all the same. RANDOM takes none.
// InvalidArgument where it is otherwise. Errors name the file and the tensor, or
// the field of its metadata; DataLoss where pre-trained weights are not those
// that the file says. A random start is drawn by the pool's threads, if there is
// one.
absl::StatusOr<Start> MakeStart(
    const Gpt2Start& start, const Gpt2Config& model,
    const std::string& weights,
    const std::string& official_sha256 = kOfficialGpt2Sha256,
    ThreadPool* pool = nullptr);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_START_START_H_
