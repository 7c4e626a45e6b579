#include "experiments/gpt2/net/cuda/model.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "experiments/gpt2/net/cuda/device_testing.h"
#include "experiments/gpt2/net/model.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"
#include "tools/base/thread_pool.h"
#include "tools/cuda/emulated.h"

namespace anisograd {
namespace cuda {
namespace {

using testing::HasSubstr;

// Heads of 64 columns.
Gpt2Config Small(int heads) {
  Gpt2Config config;
  config.set_layers(2);
  config.set_heads(heads);
  config.set_width(64 * heads);
  config.set_context(80);
  config.set_vocabulary(99);
  config.set_attention_dropout(0.2);
  config.set_embedding_dropout(0.1);
  config.set_residual_dropout(0.3);
  config.set_layer_norm_epsilon(1e-5);
  config.set_initializer_range(0.1);
  return config;
}

// Sequences of more than one tile, of one token, and of a few; a third of the
// tokens have no target.
struct Tokens {
  Tokens() {
    RandomStream random(1, RandomPurpose::kTest);
    starts.push_back(0);
    for (const int64_t length : {70, 1, 9}) {
      for (int64_t i = 0; i < length; ++i) {
        tokens.push_back(static_cast<int32_t>(random.NextUniform(0, 99)));
        targets.push_back(
            i % 3 == 1 ? kNoTarget
                       : static_cast<int32_t>(random.NextUniform(0, 99)));
      }
      starts.push_back(static_cast<int64_t>(tokens.size()));
    }
    batch.tokens = tokens;
    batch.targets = targets;
    batch.starts = starts;
    batch.first_token = 3;
  }
  std::vector<int32_t> tokens, targets;
  std::vector<int64_t> starts;
  TokenBatch batch;
};

std::vector<float> InitialParameters(const Gpt2Config& config) {
  const ParameterLayout layout(config);
  std::vector<float> parameters(static_cast<size_t>(layout.size()));
  InitializeParameters(config, layout, 1, absl::MakeSpan(parameters));
  return parameters;
}

// One pass of a model; the gradient of 0.25 times the sum of the losses.
struct Pass {
  LossSum loss;
  std::vector<float> gradient;
};
Pass RunPass(LanguageModel* model, const TokenBatch& batch,
             const std::optional<DropoutKey>& key) {
  Pass pass;
  pass.gradient.resize(static_cast<size_t>(model->layout().size()));
  model->ZeroGradients();
  absl::StatusOr<LossSum> loss = model->LossAndGradient(batch, key, 0.25);
  EXPECT_OK(loss.status());
  if (loss.ok()) pass.loss = *loss;
  model->GetGradients(absl::MakeSpan(pass.gradient));
  return pass;
}

// |a - b|_2 / |b|_2 over one tensor.
double RelativeDifference(const ParameterTensor& t, const std::vector<float>& a,
                          const std::vector<float>& b) {
  double difference = 0.0, size = 0.0;
  for (int64_t i = t.offset; i < t.offset + t.size; ++i) {
    difference += std::pow(a[i] - b[i], 2);
    size += std::pow(b[i], 2);
  }
  return std::sqrt(difference / size);
}

const std::optional<DropoutKey> kDropouts[] = {std::nullopt, DropoutKey{3, 4}};

template <typename A>
class Gpt2CudaTest : public testing::Test {
 protected:
  static constexpr bool kSingle = std::is_same<A, float>::value;
  static constexpr double kLossTolerance = kSingle ? 1e-5 : 1e-3;
  // A branch's numbers are rounded to 8 binary places at about ten places one
  // after the other.
  static constexpr double kGradientTolerance = kSingle ? 1e-5 : 2e-2;

  std::unique_ptr<Gpt2Cuda<A>> NewModel(int heads, int64_t head_rows = 20) {
    Gpt2CudaOptions options;
    options.head_rows = head_rows;
    auto model = Gpt2Cuda<A>::Create(Small(heads), options);
    EXPECT_OK(model.status());
    (*model)->SetParameters(InitialParameters(Small(heads)));
    return std::move(model).value();
  }
};
using Types = testing::Types<float, __nv_bfloat16>;
TYPED_TEST_SUITE(Gpt2CudaTest, Types);

TYPED_TEST(Gpt2CudaTest, LossAndEveryGradientAgreeWithTheCpu) {
  ThreadPool pool(1);
  Gpt2<double> cpu(Small(2), &pool);
  cpu.SetParameters(InitialParameters(cpu.config()));
  const Tokens tokens;
  const auto model = this->NewModel(2);
  for (const auto& key : kDropouts) {
    const Pass right = RunPass(&cpu, tokens.batch, key);
    const Pass pass = RunPass(model.get(), tokens.batch, key);
    EXPECT_EQ(pass.loss.count, right.loss.count);
    EXPECT_NEAR(pass.loss.sum, right.loss.sum,
                this->kLossTolerance * right.loss.sum);
    for (const ParameterTensor& t : cpu.layout().tensors()) {
      EXPECT_LE(RelativeDifference(t, pass.gradient, right.gradient) /
                    this->kGradientTolerance,
                1.0)
          << "times the tolerance, of " << t.name << (key.has_value() ? " with dropout" : "");
    }
  }
  ASSERT_OK_AND_ASSIGN(const LossSum right, cpu.Loss(tokens.batch));
  ASSERT_OK_AND_ASSIGN(const LossSum loss, model->Loss(tokens.batch));
  EXPECT_NEAR(loss.sum, right.sum, this->kLossTolerance * right.sum);
}

TYPED_TEST(Gpt2CudaTest, GivesTheSameBitsAgain) {
  const Tokens tokens;
  const auto model = this->NewModel(1);
  const Pass once = RunPass(model.get(), tokens.batch, kDropouts[1]);
  // A larger and a smaller batch in between leave nothing behind.
  TokenBatch small;
  const std::vector<int64_t> starts = {0, 5};
  small.tokens = tokens.batch.tokens.subspan(0, 5);
  small.targets = tokens.batch.targets.subspan(0, 5);
  small.starts = starts;
  RunPass(model.get(), small, std::nullopt);
  const Pass again = RunPass(model.get(), tokens.batch, kDropouts[1]);
  EXPECT_EQ(once.loss.sum, again.loss.sum);
  EXPECT_TRUE(SameBits(once.gradient, again.gradient));
}

TYPED_TEST(Gpt2CudaTest, GradientsOfMicroBatchesAddUp) {
  const Tokens tokens;
  const auto model = this->NewModel(1, 64);
  const Pass once = RunPass(model.get(), tokens.batch, std::nullopt);
  ASSERT_OK(model->LossAndGradient(tokens.batch, std::nullopt, 0.25).status());
  std::vector<float> twice(once.gradient.size());
  model->GetGradients(absl::MakeSpan(twice));
  std::vector<float> doubled = once.gradient;
  for (float& g : doubled) g *= 2.0f;
  for (const ParameterTensor& t : model->layout().tensors()) {
    EXPECT_LE(RelativeDifference(t, twice, doubled), 1e-6) << t.name;
  }
}

// No token has a target: no loss, no gradient, and no division by zero.
TYPED_TEST(Gpt2CudaTest, ABatchWithoutTargetsHasNoLossAndNoGradient) {
  Tokens tokens;
  std::fill(tokens.targets.begin(), tokens.targets.end(), kNoTarget);
  const auto model = this->NewModel(1);
  const Pass pass = RunPass(model.get(), tokens.batch, kDropouts[1]);
  EXPECT_EQ(pass.loss.count, 0);
  EXPECT_EQ(pass.loss.sum, 0.0);
  for (const float g : pass.gradient) ASSERT_EQ(g, 0.0f);
}

// |g_tf32 - g_single| / |g_single|, for g = grad(w') - grad(w), over all
// parameters: what Figure 1 is made of, at its two radii.
TEST(Gpt2CudaArithmeticTest, DifferencesOfGradientsSurviveTf32) {
  Gpt2Config config = Small(1);
  config.set_initializer_range(0.02);
  const Tokens tokens;
  const std::vector<float> w = InitialParameters(config);
  Gpt2CudaOptions options;
  ASSERT_OK_AND_ASSIGN(const auto single,
                       Gpt2Cuda<float>::Create(config, options));
  options.single_precision = SinglePrecision::kTf32;
  ASSERT_OK_AND_ASSIGN(const auto tf32,
                       Gpt2Cuda<float>::Create(config, options));
  const auto gradient = [&](LanguageModel* model,
                            const std::vector<float>& at) {
    model->SetParameters(at);
    return RunPass(model, tokens.batch, std::nullopt).gradient;
  };
  const std::vector<float> g = gradient(single.get(), w);
  const std::vector<float> g_tf32 = gradient(tf32.get(), w);
  for (const auto& [radius, tolerance] :
       {std::pair<double, double>{1e-3, 0.02}, {1e-4, 0.2}}) {
    RandomStream random(5, RandomPurpose::kTest);
    std::vector<float> nearby = w;
    for (float& x : nearby) {
      x += static_cast<float>(random.NextUniform(-1, 1) < 0 ? -radius : radius);
    }
    const std::vector<float> there = gradient(single.get(), nearby);
    const std::vector<float> there_tf32 = gradient(tf32.get(), nearby);
    double error = 0.0, size = 0.0;
    for (size_t i = 0; i < g.size(); ++i) {
      const double difference = there[i] - g[i];
      error += std::pow(there_tf32[i] - g_tf32[i] - difference, 2);
      size += std::pow(difference, 2);
    }
    EXPECT_LT(std::sqrt(error / size), tolerance) << radius;
    // TF32 it was. A GPU's library may take single precision for products as
    // small as these.
    if (kEmulated) {
      EXPECT_GT(std::sqrt(error / size), tolerance / 100) << radius;
    }
  }
}

TEST(Gpt2CudaConfigTest, RefusesWhatTheKernelsCannotTake) {
  Gpt2Config config = Small(2);
  config.set_heads(4);
  EXPECT_THAT(
      std::string(
          Gpt2Cuda<__nv_bfloat16>::Create(config, {}).status().message()),
      HasSubstr("model.heads: must have 64 columns each in bf16, have "
                "32"));
  EXPECT_OK(Gpt2Cuda<float>::Create(config, {}).status());
  config.set_context(78);
  EXPECT_THAT(
      std::string(Gpt2Cuda<float>::Create(config, {}).status().message()),
      HasSubstr("model.context: must be a multiple of 4"));
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
