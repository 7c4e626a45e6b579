#ifndef EXPERIMENTS_GPT2_NET_CONFIG_H_
#define EXPERIMENTS_GPT2_NET_CONFIG_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "experiments/gpt2/net/config.pb.h"

namespace anisograd {

// GPT-2 "small": 12 layers, 12 heads, width 768, context 1,024, vocabulary
// 50,257, all dropouts 0.1; 124,439,808 parameters, the tied head counted once.
Gpt2Config Gpt2Small();

// OK, or InvalidArgument "FIELD.PART: reason" for the first bad part; `field` is
// where the message stands in its spec, like "gpt2.model". Sizes are limited so
// that every tensor's size in bytes fits 63 bits with room to spare, and so
// that every element of every layer has a dropout number of its own
// (dropout.h).
absl::Status ValidateGpt2Config(const Gpt2Config& config,
                                absl::string_view field);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CONFIG_H_
