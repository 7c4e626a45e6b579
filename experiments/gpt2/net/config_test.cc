#include "experiments/gpt2/net/config.h"

#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

void ExpectBad(const Gpt2Config& config, const std::string& part) {
  const absl::Status status = ValidateGpt2Config(config, "model");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("model." + part + ":"));
}

TEST(Gpt2Config, SmallIsValid) {
  EXPECT_TRUE(ValidateGpt2Config(Gpt2Small(), "model").ok());
}

TEST(Gpt2Config, EmptyIsNot) { ExpectBad(Gpt2Config(), "layers"); }

TEST(Gpt2Config, BadSizes) {
  Gpt2Config config = Gpt2Small();
  config.set_layers(0);
  ExpectBad(config, "layers");
  config = Gpt2Small();
  config.set_heads(-1);
  ExpectBad(config, "heads");
  config.set_heads(13);
  ExpectBad(config, "heads");
  config = Gpt2Small();
  config.set_width(1 << 20);
  ExpectBad(config, "width");
  config = Gpt2Small();
  config.set_context(0);
  ExpectBad(config, "context");
  config = Gpt2Small();
  config.set_vocabulary(0);
  ExpectBad(config, "vocabulary");
}

TEST(Gpt2Config, BadProbabilities) {
  Gpt2Config config = Gpt2Small();
  config.set_attention_dropout(1.0);
  ExpectBad(config, "attention_dropout");
  config = Gpt2Small();
  config.set_embedding_dropout(-0.1);
  ExpectBad(config, "embedding_dropout");
  config = Gpt2Small();
  config.set_residual_dropout(std::numeric_limits<double>::quiet_NaN());
  ExpectBad(config, "residual_dropout");
}

TEST(Gpt2Config, NoDropoutIsValid) {
  Gpt2Config config = Gpt2Small();
  config.set_attention_dropout(0.0);
  EXPECT_TRUE(ValidateGpt2Config(config, "model").ok());
}

TEST(Gpt2Config, BadConstants) {
  Gpt2Config config = Gpt2Small();
  config.set_layer_norm_epsilon(0.0);
  ExpectBad(config, "layer_norm_epsilon");
  config = Gpt2Small();
  config.set_initializer_range(std::numeric_limits<double>::infinity());
  ExpectBad(config, "initializer_range");
}

}  // namespace
}  // namespace anisograd
