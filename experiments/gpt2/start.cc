#include "experiments/gpt2/start.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "data/safetensors.h"
#include "experiments/gpt2/parameters.h"
#include "experiments/gpt2/parameters_digest.h"
#include "experiments/gpt2/weights.h"
#include "tools/base/status_macros.h"

namespace anisograd {

absl::StatusOr<Start> MakeStart(const Gpt2Start& start,
                                const Gpt2Config& model,
                                const std::string& weights) {
  const ParameterLayout layout(model);
  Start made;
  made.parameters.resize(static_cast<size_t>(layout.size()));
  if (start.kind() == Gpt2Start::OFFICIAL_WEIGHTS && !weights.empty()) {
    ASSIGN_OR_RETURN(const SafetensorsFile file,
                     SafetensorsFile::Open(weights));
    RETURN_IF_ERROR(LoadGpt2Weights(file, model, layout,
                                    absl::MakeSpan(made.parameters)));
  } else {
    InitializeParameters(model, layout, start.seed(),
                         absl::MakeSpan(made.parameters));
    if (start.kind() == Gpt2Start::OFFICIAL_WEIGHTS) {
      made.record.set_stand_in(true);
      made.record.set_note(absl::StrCat(
          "GPT-2's official weights could not be had: random start, seed ",
          start.seed()));
    }
  }
  made.record.set_digest(ParametersDigest(made.parameters));
  return made;
}

}  // namespace anisograd
