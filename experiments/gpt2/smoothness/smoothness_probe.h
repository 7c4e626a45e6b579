#ifndef EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_PROBE_H_
#define EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_PROBE_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/token_file.h"
#include "experiments/gpt2/smoothness/full_objective.h"
#include "experiments/gpt2/smoothness/smoothness.pb.h"
#include "experiments/gpt2/train/trainable_model.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// f of a spec, on its data. InvalidArgument where the two do not fit.
absl::StatusOr<FullObjective> MakeObjective(const Gpt2SmoothnessSpec& spec,
                                            const TokenFile& tokens);

// What a result says of the data that f is made of.
TokenRecord RecordTokens(const std::string& name, const TokenFile& tokens,
                         const FullObjective& objective);

struct SmoothnessOptions {
  // Where checkpoints go; empty for none. Whoever writes the result deletes the
  // file after that.
  std::string checkpoint;
  // Asked before every step but the first: whether to write one.
  std::function<bool()> checkpoint_due;
  // Called after every step.
  std::function<void(const Gpt2SmoothnessResult&)> progress;
};

// Runs a valid spec on `model`, which was made for spec.model(): the trajectory
// w_0, w_1, ... from `parameters`, and at every probed w_t the full gradients at
// w_t and its nearby points. Probing does not change the trajectory. A loss or
// gradient that is not finite ends the run and is recorded.
//
// Goes on from the checkpoint where there is one. Where its arrays are missing
// (checkpoint.h) the trajectory is taken again, one gradient a step and no
// probes, and must have the losses and norms that are there.
//
// The same bits for any number of threads, in one go or resumed. `start`
// describes `parameters`. Leaves target and source_revision to the caller.
// InvalidArgument "FIELD: reason" where spec and data do not fit; errors of a
// checkpoint name its file.
absl::StatusOr<Gpt2SmoothnessResult> RunSmoothnessProbe(
    const Gpt2SmoothnessSpec& spec, const TokenFile& tokens,
    const StartRecord& start, absl::Span<const float> parameters,
    TrainableModel* model, ThreadPool* pool,
    const SmoothnessOptions& options = {});

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_PROBE_H_
