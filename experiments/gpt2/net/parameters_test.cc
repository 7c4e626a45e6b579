#include "experiments/gpt2/net/parameters.h"

#include <cmath>
#include <vector>

#include "experiments/gpt2/net/config.h"
#include "gtest/gtest.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

Gpt2Config Tiny() {
  Gpt2Config config = Gpt2Small();
  config.set_layers(2);
  config.set_heads(3);
  config.set_width(33);
  config.set_context(50);
  config.set_vocabulary(301);
  return config;
}

TEST(ParameterLayout, SmallHasThePublishedSize) {
  const ParameterLayout layout(Gpt2Small());
  EXPECT_EQ(layout.parameter_count(), 124439808);
  EXPECT_EQ(layout.size(), layout.parameter_count());
  EXPECT_EQ(layout.tensors().size(), 148u);
}

TEST(ParameterLayout, TensorsAreAlignedAndDisjoint) {
  const ParameterLayout layout(Tiny());
  int64_t end = 0;
  for (const ParameterTensor& tensor : layout.tensors()) {
    EXPECT_EQ(tensor.offset % 16, 0) << tensor.name;
    EXPECT_GE(tensor.offset, end) << tensor.name;
    end = tensor.offset + tensor.size;
  }
  EXPECT_LE(end, layout.size());
}

TEST(ParameterLayout, TensorsByRoleAndByName) {
  const ParameterLayout layout(Tiny());
  EXPECT_EQ(layout.token_embedding().name, "wte.weight");
  EXPECT_EQ(layout.position_embedding().shape,
            (std::vector<int64_t>{50, 33}));
  EXPECT_EQ(layout.block(1, BlockTensor::kLn1Weight).name, "h.1.ln_1.weight");
  EXPECT_EQ(layout.block(0, BlockTensor::kAttentionWeight).shape,
            (std::vector<int64_t>{33, 99}));
  EXPECT_EQ(layout.block(1, BlockTensor::kFeedForwardProjectionBias).name,
            "h.1.mlp.c_proj.bias");
  EXPECT_EQ(layout.final_norm_weight().name, "ln_f.weight");
  EXPECT_EQ(layout.Find("ln_f.bias"), &layout.final_norm_bias());
  EXPECT_EQ(layout.Find("lm_head.weight"), nullptr);
}

TEST(InitializeParameters, HasTheStatedDeviations) {
  const Gpt2Config config = Tiny();
  const ParameterLayout layout(config);
  std::vector<float> parameters(static_cast<size_t>(layout.size()), 7.0f);
  InitializeParameters(config, layout, 1, absl::MakeSpan(parameters));
  const auto deviation = [&](const ParameterTensor& tensor) {
    double sum = 0;
    for (int64_t i = 0; i < tensor.size; ++i) {
      sum += std::pow(parameters[tensor.offset + i], 2);
    }
    return std::sqrt(sum / static_cast<double>(tensor.size));
  };
  EXPECT_NEAR(deviation(layout.token_embedding()), 0.02, 0.001);
  EXPECT_NEAR(deviation(layout.block(1, BlockTensor::kAttentionWeight)), 0.02,
              0.001);
  // 0.02 / sqrt(2 * 2).
  EXPECT_NEAR(
      deviation(layout.block(1, BlockTensor::kFeedForwardProjectionWeight)),
      0.01, 0.0005);
  EXPECT_EQ(deviation(layout.block(0, BlockTensor::kFeedForwardBias)), 0.0);
  EXPECT_EQ(deviation(layout.final_norm_weight()), 1.0);
}

// Tensors of several pieces and of less than one.
TEST(InitializeParameters, IsTheSameWithAPool) {
  Gpt2Config config = Tiny();
  config.set_vocabulary(40000);
  const ParameterLayout layout(config);
  std::vector<float> alone(static_cast<size_t>(layout.size())), together = alone;
  InitializeParameters(config, layout, 1, absl::MakeSpan(alone));
  ThreadPool pool(3);
  InitializeParameters(config, layout, 1, absl::MakeSpan(together), &pool);
  EXPECT_EQ(alone, together);
}

TEST(InitializeParameters, IsAFunctionOfTheSeed) {
  const Gpt2Config config = Tiny();
  const ParameterLayout layout(config);
  std::vector<float> a(static_cast<size_t>(layout.size())), b = a, c = a;
  InitializeParameters(config, layout, 1, absl::MakeSpan(a));
  InitializeParameters(config, layout, 1, absl::MakeSpan(b));
  InitializeParameters(config, layout, 2, absl::MakeSpan(c));
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
}

}  // namespace
}  // namespace anisograd
