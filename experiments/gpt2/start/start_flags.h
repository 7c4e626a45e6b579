#ifndef EXPERIMENTS_GPT2_START_START_FLAGS_H_
#define EXPERIMENTS_GPT2_START_START_FLAGS_H_

#include <string>

#include "absl/status/statusor.h"
#include "data/token_file.h"
#include "experiments/gpt2/start/start.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// The token file --dataset. InvalidArgument where it is not the data set called
// `dataset`, as the spec at `spec_path` asks for.
absl::StatusOr<TokenFile> TokensFromFlags(const std::string& spec_path,
                                          const std::string& dataset);

// MakeStart with what the command line gives, the same in each program:
// [--weights=F | --random_start]. A spec that starts from the official weights
// takes one of them, so that a flag that was forgotten is an error and not
// another experiment; one that starts at random takes no weights.
absl::StatusOr<Start> StartFromFlags(const Gpt2Start& start,
                                     const Gpt2Config& model, ThreadPool* pool);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_START_START_FLAGS_H_
