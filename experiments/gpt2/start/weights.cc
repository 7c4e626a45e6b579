#include "experiments/gpt2/start/weights.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

constexpr char kHead[] = "lm_head.weight";

absl::Status Bad(const SafetensorsFile& file, absl::string_view name,
                 absl::string_view reason) {
  return absl::InvalidArgumentError(TensorMessage(file.path(), name, reason));
}

// Takes what training wraps a module in (torch.compile, DataParallel) off the
// front of a name.
absl::string_view WithoutWrappers(absl::string_view name) {
  while (absl::ConsumePrefix(&name, "_orig_mod.") ||
         absl::ConsumePrefix(&name, "module.")) {
  }
  return name;
}

// What a file puts in front of its names.
struct Prefixes {
  // In front of the head's.
  std::string head;
  // In front of all others.
  std::string body;
};

// The position embedding, which every file has once, tells.
absl::StatusOr<Prefixes> PrefixesOf(const SafetensorsFile& file,
                                    const ParameterLayout& layout) {
  const std::string& known = layout.position_embedding().name;
  const SafetensorsTensor* found = nullptr;
  for (const SafetensorsTensor& tensor : file.tensors()) {
    if ((tensor.name == known ||
         absl::EndsWith(tensor.name, absl::StrCat(".", known))) &&
        (found == nullptr || tensor.name.size() < found->name.size())) {
      found = &tensor;
    }
  }
  // That it is missing is said where all are looked for.
  if (found == nullptr) return Prefixes{};
  const absl::string_view body =
      absl::string_view(found->name).substr(0, found->name.size() -
                                                   known.size());
  absl::string_view rest = WithoutWrappers(body);
  const absl::string_view head = body.substr(0, body.size() - rest.size());
  if (absl::ConsumePrefix(&rest, "transformer.")) rest = WithoutWrappers(rest);
  if (!rest.empty()) {
    return Bad(file, found->name,
               absl::StrCat("the prefix \"", absl::Utf8SafeCEscape(body),
                            "\" is made of others than \"transformer.\", "
                            "\"module.\" and \"_orig_mod.\""));
  }
  return Prefixes{std::string(head), std::string(body)};
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
  ASSIGN_OR_RETURN(const Prefixes prefixes, PrefixesOf(file, layout));
  const std::string& prefix = prefixes.body;
  const SafetensorsTensor* const head = file.Find(prefixes.head + kHead);
  const auto find = [&](const ParameterTensor& place) {
    const SafetensorsTensor* const tensor = file.Find(prefix + place.name);
    // Of tied tensors a file may hold but one, under either name.
    return tensor == nullptr && &place == &layout.token_embedding() ? head
                                                                    : tensor;
  };
  const auto buffers = Buffers(config);
  // What is refused is refused before anything is read.
  for (const ParameterTensor& place : layout.tensors()) {
    const SafetensorsTensor* const tensor = find(place);
    if (tensor == nullptr) return Bad(file, prefix + place.name, "is missing");
    RETURN_IF_ERROR(CheckShape(file, *tensor, place.shape));
  }
  for (const SafetensorsTensor& tensor : file.tensors()) {
    if (&tensor == head) {
      RETURN_IF_ERROR(CheckHead(file, tensor, *find(layout.token_embedding())));
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
    const SafetensorsTensor& tensor = *find(place);
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
