#include "experiments/gpt2/net/parameters.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/base/aligned_buffer.h"
#include "tools/base/normal.h"
#include "tools/base/random.h"

namespace anisograd {

ParameterLayout::ParameterLayout(const Gpt2Config& config) {
  const int64_t width = config.width();
  Add("wte.weight", {config.vocabulary(), width});
  Add("wpe.weight", {config.context(), width});
  for (int layer = 0; layer < config.layers(); ++layer) {
    const std::string block = absl::StrCat("h.", layer, ".");
    Add(block + "ln_1.weight", {width});
    Add(block + "ln_1.bias", {width});
    Add(block + "attn.c_attn.weight", {width, 3 * width});
    Add(block + "attn.c_attn.bias", {3 * width});
    Add(block + "attn.c_proj.weight", {width, width});
    Add(block + "attn.c_proj.bias", {width});
    Add(block + "ln_2.weight", {width});
    Add(block + "ln_2.bias", {width});
    Add(block + "mlp.c_fc.weight", {width, 4 * width});
    Add(block + "mlp.c_fc.bias", {4 * width});
    Add(block + "mlp.c_proj.weight", {4 * width, width});
    Add(block + "mlp.c_proj.bias", {width});
  }
  Add("ln_f.weight", {width});
  Add("ln_f.bias", {width});
}

void ParameterLayout::Add(std::string name, std::vector<int64_t> shape) {
  ParameterTensor tensor;
  tensor.name = std::move(name);
  tensor.offset = size_;
  tensor.size = 1;
  for (const int64_t extent : shape) tensor.size *= extent;
  tensor.shape = std::move(shape);
  size_ += AlignedBuffer<float>::Padded(tensor.size);
  tensors_.push_back(std::move(tensor));
}

int64_t ParameterLayout::parameter_count() const {
  int64_t count = 0;
  for (const ParameterTensor& tensor : tensors_) count += tensor.size;
  return count;
}

const ParameterTensor* ParameterLayout::Find(absl::string_view name) const {
  for (const ParameterTensor& tensor : tensors_) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

void InitializeParameters(const Gpt2Config& config,
                          const ParameterLayout& layout, uint64_t seed,
                          absl::Span<float> parameters, ThreadPool* pool) {
  constexpr int64_t kGrain = 1 << 16;
  std::fill(parameters.begin(), parameters.end(), 0.0f);
  for (size_t t = 0; t < layout.tensors().size(); ++t) {
    const ParameterTensor& tensor = layout.tensors()[t];
    float* const values = parameters.data() + tensor.offset;
    if (absl::EndsWith(tensor.name, ".bias")) continue;
    if (tensor.shape.size() == 1) {
      std::fill(values, values + tensor.size, 1.0f);
      continue;
    }
    double deviation = config.initializer_range();
    if (absl::EndsWith(tensor.name, ".c_proj.weight")) {
      deviation /= std::sqrt(2.0 * config.layers());
    }
    const RandomStream stream(seed, RandomPurpose::kInitialWeights,
                              static_cast<uint32_t>(t));
    const auto draw = [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        values[i] = static_cast<float>(
            deviation * NormalAt(stream, static_cast<uint64_t>(i)));
      }
    };
    if (pool == nullptr) {
      draw(0, tensor.size);
    } else {
      pool->ParallelRanges(tensor.size, kGrain, draw);
    }
  }
}

}  // namespace anisograd
