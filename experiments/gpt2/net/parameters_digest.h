#ifndef EXPERIMENTS_GPT2_NET_PARAMETERS_DIGEST_H_
#define EXPERIMENTS_GPT2_NET_PARAMETERS_DIGEST_H_

#include <string>

#include "absl/types/span.h"
#include "experiments/gpt2/net/language_model.h"

namespace anisograd {

// Lower-case hexadecimal SHA-256 of the floats as they lie in memory.
std::string ParametersDigest(absl::Span<const float> parameters);
std::string ParametersDigest(const LanguageModel& model);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_PARAMETERS_DIGEST_H_
