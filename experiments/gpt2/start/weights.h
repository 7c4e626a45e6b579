#ifndef EXPERIMENTS_GPT2_START_WEIGHTS_H_
#define EXPERIMENTS_GPT2_START_WEIGHTS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "data/safetensors.h"
#include "experiments/gpt2/net/config.pb.h"
#include "experiments/gpt2/net/parameters.h"

namespace anisograd {

// Puts a file's tensors in their places of the flat array, which has the
// layout's size; elements between tensors become zero. Names are Hugging
// Face's: as in the layout, or all with the same prefix, which is "transformer."
// or what training wraps models in ("module.", "_orig_mod."), or both. F32, F16
// and BF16 become float exactly. Every tensor of the layout must be there in its
// shape and finite, and nothing else may, except what such files carry besides
// the parameters:
// - h.N.attn.bias [1, 1, context, context] (the causal mask, in the official
//   GPT-2) and h.N.attn.masked_bias [], of layers that exist: not read;
// - lm_head.weight (without "transformer."): it must be wte.weight's type, shape
//   and bytes, since the head is tied, or stands alone for both.
// InvalidArgument `PATH: tensor "NAME": FIELD: reason` otherwise; `parameters`
// is then unspecified. `config` must be valid, and `layout` its own.
absl::Status LoadGpt2Weights(const SafetensorsFile& file,
                             const Gpt2Config& config,
                             const ParameterLayout& layout,
                             absl::Span<float> parameters);

// Writes what LoadGpt2Weights reads back bit for bit, and transformers reads
// too: F32, the layout's names and order, no prefix and no head. Metadata
// "format" is "pt", which transformers asks for, unless given. Errors of
// WriteSafetensors.
absl::Status SaveGpt2Weights(const std::string& path,
                             const ParameterLayout& layout,
                             absl::Span<const float> parameters,
                             std::map<std::string, std::string> metadata);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_START_WEIGHTS_H_
