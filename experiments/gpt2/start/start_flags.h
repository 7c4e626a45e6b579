#ifndef EXPERIMENTS_GPT2_START_START_FLAGS_H_
#define EXPERIMENTS_GPT2_START_START_FLAGS_H_

#include "absl/status/statusor.h"
#include "experiments/gpt2/start/start.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// MakeStart with what the command line gives, the same in each program:
// [--weights=F | --random_start]. A spec that starts from the official weights
// takes one of them, so that a flag that was forgotten is an error and not
// another experiment; one that starts at random takes no weights.
absl::StatusOr<Start> StartFromFlags(const Gpt2Start& start,
                                     const Gpt2Config& model, ThreadPool* pool);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_START_START_FLAGS_H_
