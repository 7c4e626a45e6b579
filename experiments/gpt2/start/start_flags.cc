#include "experiments/gpt2/start/start_flags.h"

#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(std::string, dataset, "", "the token file");
ABSL_FLAG(std::string, weights, "",
          "the official weights, for specs that start from them");
ABSL_FLAG(bool, random_start, false,
          "instead of weights that cannot be had: start at random, and say so in "
          "the result");

namespace anisograd {

absl::StatusOr<TokenFile> TokensFromFlags(const std::string& spec_path,
                                          const std::string& dataset) {
  const std::string path = absl::GetFlag(FLAGS_dataset);
  ASSIGN_OR_RETURN(TokenFile tokens, ReadTokenFile(path));
  if (tokens.info.name != dataset) {
    return absl::InvalidArgumentError(absl::StrCat(
        spec_path, ": dataset: asks for \"", dataset, "\", but ", path,
        " holds \"", tokens.info.name, "\""));
  }
  return tokens;
}

absl::StatusOr<Start> StartFromFlags(const Gpt2Start& start,
                                     const Gpt2Config& model,
                                     ThreadPool* pool) {
  const std::string weights = absl::GetFlag(FLAGS_weights);
  const bool random = absl::GetFlag(FLAGS_random_start);
  if (random && !weights.empty()) {
    return absl::InvalidArgumentError(
        "--weights, --random_start: give one of them");
  }
  if (start.kind() == Gpt2Start::OFFICIAL_WEIGHTS && !random &&
      weights.empty()) {
    return absl::InvalidArgumentError(
        "--weights is required: the spec starts from GPT-2's official weights; "
        "where they cannot be had, --random_start says so");
  }
  return MakeStart(start, model, weights, kOfficialGpt2Sha256, pool);
}

}  // namespace anisograd
