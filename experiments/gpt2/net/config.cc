#include "experiments/gpt2/net/config.h"

#include <cmath>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

absl::Status CheckSize(int32_t value, int32_t limit, absl::string_view field,
                       absl::string_view part) {
  if (value >= 1 && value <= limit) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      field, part, ": must be in [1, ", limit, "], got ", value));
}

absl::Status CheckProbability(double value, absl::string_view field,
                              absl::string_view part) {
  if (value >= 0.0 && value < 1.0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, part, ": must be in [0, 1), got ", value));
}

absl::Status CheckPositive(double value, absl::string_view field,
                           absl::string_view part) {
  if (std::isfinite(value) && value > 0.0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      field, part, ": must be positive and finite, got ", value));
}

}  // namespace

Gpt2Config Gpt2Small() {
  Gpt2Config config;
  config.set_layers(12);
  config.set_heads(12);
  config.set_width(768);
  config.set_context(1024);
  config.set_vocabulary(50257);
  config.set_attention_dropout(0.1);
  config.set_embedding_dropout(0.1);
  config.set_residual_dropout(0.1);
  config.set_layer_norm_epsilon(1e-5);
  config.set_initializer_range(0.02);
  return config;
}

absl::Status ValidateGpt2Config(const Gpt2Config& config,
                                absl::string_view field) {
  RETURN_IF_ERROR(CheckSize(config.layers(), 1000, field, ".layers"));
  RETURN_IF_ERROR(CheckSize(config.heads(), 1000, field, ".heads"));
  RETURN_IF_ERROR(CheckSize(config.width(), 1 << 16, field, ".width"));
  RETURN_IF_ERROR(CheckSize(config.context(), 1 << 16, field, ".context"));
  RETURN_IF_ERROR(CheckSize(config.vocabulary(), 1 << 24, field,
                            ".vocabulary"));
  if (config.width() % config.heads() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ".heads: must divide width ", config.width(),
                     ", got ", config.heads()));
  }
  RETURN_IF_ERROR(CheckProbability(config.attention_dropout(), field,
                                   ".attention_dropout"));
  RETURN_IF_ERROR(CheckProbability(config.embedding_dropout(), field,
                                   ".embedding_dropout"));
  RETURN_IF_ERROR(CheckProbability(config.residual_dropout(), field,
                                   ".residual_dropout"));
  RETURN_IF_ERROR(CheckPositive(config.layer_norm_epsilon(), field,
                                ".layer_norm_epsilon"));
  return CheckPositive(config.initializer_range(), field,
                       ".initializer_range");
}

}  // namespace anisograd
