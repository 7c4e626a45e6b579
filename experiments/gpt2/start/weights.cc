#include "experiments/gpt2/start/weights.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

constexpr absl::string_view kHead = "lm_head.weight";

// The first tensor of the layout tells which names the file uses.
std::string PrefixOf(const SafetensorsFile& file,
                     const ParameterLayout& layout) {
  const std::string prefix = "transformer.";
  const std::string& first = layout.token_embedding().name;
  return file.Find(first) == nullptr && file.Find(prefix + first) != nullptr
             ? prefix
             : "";
}

absl::Status Bad(const SafetensorsFile& file, absl::string_view name,
                 absl::string_view reason) {
  return absl::InvalidArgumentError(TensorMessage(file.path(), name, reason));
}

absl::Status CheckShape(const SafetensorsFile& file,
                        const SafetensorsTensor& tensor,
                        absl::Span<const int64_t> shape) {
  if (tensor.shape == shape) return absl::OkStatus();
  return Bad(file, tensor.name,
             absl::StrCat("shape: ", ShapeString(tensor.shape),
                          ", but the model has ", ShapeString(shape)));
}

// The attention buffers that a file may carry: name without prefix, and shape.
std::map<std::string, std::vector<int64_t>> Buffers(const Gpt2Config& config) {
  std::map<std::string, std::vector<int64_t>> buffers;
  for (int layer = 0; layer < config.layers(); ++layer) {
    const std::string attention = absl::StrCat("h.", layer, ".attn.");
    buffers[attention + "bias"] = {1, 1, config.context(), config.context()};
    buffers[attention + "masked_bias"] = {};
  }
  return buffers;
}

// `head` against the embedding it is tied to.
absl::Status CheckHead(const SafetensorsFile& file,
                       const SafetensorsTensor& head,
                       const SafetensorsTensor& embedding) {
  RETURN_IF_ERROR(CheckShape(file, head, embedding.shape));
  if (head.dtype != embedding.dtype) {
    return Bad(file, head.name,
               absl::StrCat("dtype: ", SafetensorsDtypeName(head.dtype),
                            ", but the tied ", embedding.name, " has ",
                            SafetensorsDtypeName(embedding.dtype)));
  }
  if (head.bytes != embedding.bytes) {
    return Bad(file, head.name,
               absl::StrCat("values: differ from ", embedding.name,
                            ", but the model's head is tied to it"));
  }
  return absl::OkStatus();
}

absl::Status CheckFinite(const SafetensorsFile& file, absl::string_view name,
                         absl::Span<const float> values) {
  const auto it = std::find_if(values.begin(), values.end(), [](float value) {
    return !std::isfinite(value);
  });
  if (it == values.end()) return absl::OkStatus();
  return Bad(file, name,
             absl::StrCat("values: element ", it - values.begin(), " is ",
                          *it));
}

}  // namespace

absl::Status LoadGpt2Weights(const SafetensorsFile& file,
                             const Gpt2Config& config,
                             const ParameterLayout& layout,
                             absl::Span<float> parameters) {
  const std::string prefix = PrefixOf(file, layout);
  const auto buffers = Buffers(config);
  // What is refused is refused before anything is read.
  for (const ParameterTensor& place : layout.tensors()) {
    const std::string name = prefix + place.name;
    const SafetensorsTensor* const tensor = file.Find(name);
    if (tensor == nullptr) return Bad(file, name, "is missing");
    RETURN_IF_ERROR(CheckShape(file, *tensor, place.shape));
  }
  for (const SafetensorsTensor& tensor : file.tensors()) {
    if (tensor.name == kHead) {
      RETURN_IF_ERROR(CheckHead(
          file, tensor, *file.Find(prefix + layout.token_embedding().name)));
      continue;
    }
    absl::string_view name = tensor.name;
    const bool prefixed = absl::ConsumePrefix(&name, prefix);
    if (prefixed && layout.Find(name) != nullptr) continue;
    const auto buffer = buffers.find(std::string(name));
    if (!prefixed || buffer == buffers.end()) {
      return Bad(file, tensor.name, "is unknown to the model");
    }
    RETURN_IF_ERROR(CheckShape(file, tensor, buffer->second));
  }
  int64_t end = 0;
  for (const ParameterTensor& place : layout.tensors()) {
    const SafetensorsTensor& tensor = *file.Find(prefix + place.name);
    const absl::Span<float> values =
        parameters.subspan(static_cast<size_t>(place.offset),
                           static_cast<size_t>(place.size));
    const absl::Status status = ReadFloats(tensor, values);
    if (!status.ok()) return Bad(file, tensor.name, status.message());
    RETURN_IF_ERROR(CheckFinite(file, tensor.name, values));
    std::fill(parameters.begin() + end, parameters.begin() + place.offset,
              0.0f);
    end = place.offset + place.size;
  }
  std::fill(parameters.begin() + end, parameters.end(), 0.0f);
  return absl::OkStatus();
}

absl::Status SaveGpt2Weights(const std::string& path,
                             const ParameterLayout& layout,
                             absl::Span<const float> parameters,
                             std::map<std::string, std::string> metadata) {
  metadata.emplace("format", "pt");
  std::vector<SafetensorsSource> tensors;
  for (const ParameterTensor& tensor : layout.tensors()) {
    tensors.push_back({tensor.name, tensor.shape,
                       parameters.subspan(static_cast<size_t>(tensor.offset),
                                          static_cast<size_t>(tensor.size))});
  }
  return WriteSafetensors(path, metadata, tensors);
}

}  // namespace anisograd
