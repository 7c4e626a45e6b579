#include "experiments/gpt2/net/parameters_digest.h"

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"
#include "tools/base/file.h"

namespace anisograd {

std::string ParametersDigest(absl::Span<const float> parameters) {
  return Sha256Hex(absl::string_view(
      reinterpret_cast<const char*>(parameters.data()),
      parameters.size() * sizeof(float)));
}

std::string ParametersDigest(const LanguageModel& model) {
  std::vector<float> parameters(static_cast<size_t>(model.layout().size()));
  model.GetParameters(absl::MakeSpan(parameters));
  return ParametersDigest(parameters);
}

}  // namespace anisograd
