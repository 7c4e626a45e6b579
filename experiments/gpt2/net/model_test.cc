#include "experiments/gpt2/net/model.h"

#include <cmath>
#include <vector>

#include "experiments/gpt2/net/config.h"
#include "experiments/gpt2/net/gradient_check.h"
#include "gtest/gtest.h"
#include "tools/base/isa_testing.h"
#include "tools/base/status_macros.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

Gpt2Config Tiny() {
  Gpt2Config config;
  config.set_layers(2);
  config.set_heads(2);
  config.set_width(6);
  config.set_context(7);
  config.set_vocabulary(11);
  config.set_attention_dropout(0.2);
  config.set_embedding_dropout(0.1);
  config.set_residual_dropout(0.3);
  config.set_layer_norm_epsilon(1e-5);
  config.set_initializer_range(0.3);
  return config;
}

// Three sequences, some tokens without a target.
struct Step {
  std::vector<int32_t> tokens = {1, 5, 3, 10, 0, 4, 4, 2, 9, 8};
  std::vector<int32_t> targets = {5, kNoTarget, 10, kNoTarget, 4,
                                  4, 1, kNoTarget, 8, kNoTarget};
  std::vector<int64_t> starts = {0, 4, 7, 10};

  TokenBatch batch() const {
    TokenBatch b;
    b.tokens = tokens;
    b.targets = targets;
    b.starts = starts;
    return b;
  }
  // Sequence s alone, numbered as in the step.
  TokenBatch sequence(size_t s, std::vector<int64_t>* own_starts) const {
    const size_t first = static_cast<size_t>(starts[s]);
    const size_t n = static_cast<size_t>(starts[s + 1]) - first;
    *own_starts = {0, static_cast<int64_t>(n)};
    TokenBatch b;
    b.tokens = absl::MakeConstSpan(tokens).subspan(first, n);
    b.targets = absl::MakeConstSpan(targets).subspan(first, n);
    b.starts = *own_starts;
    b.first_token = starts[s];
    return b;
  }
};

const std::optional<DropoutKey> kNoDropout;
const std::optional<DropoutKey> kDropout = DropoutKey{3, 4};

template <typename T>
void Fill(Gpt2<T>* model) {
  std::vector<float> parameters(static_cast<size_t>(model->layout().size()));
  InitializeParameters(model->config(), model->layout(), 1,
                       absl::MakeSpan(parameters));
  // Biases and layer norms as well, so that nothing is hidden by a zero.
  RandomStream stream(2, RandomPurpose::kTest);
  for (const ParameterTensor& t : model->layout().tensors()) {
    for (int64_t i = 0; i < t.size; ++i) {
      parameters[t.offset + i] += static_cast<float>(stream.NextUniform(-.2, .2));
    }
  }
  model->SetParameters(parameters);
}

TEST(Model, GradientOfEveryParameterAgainstFiniteDifferences) {
  ThreadPool pool(2);
  const Step step;
  for (const auto& key : {kNoDropout, kDropout}) {
    Gpt2<double> model(Tiny(), &pool);
    Fill(&model);
    constexpr double kScale = 0.2;
    model.ZeroGradients();
    ASSERT_TRUE(model.LossAndGradient(step.batch(), key, kScale).ok());
    const std::vector<double> gradient(model.gradients().begin(),
                                       model.gradients().end());
    // With scale 0 the loss comes with the same dropout and no gradient.
    const auto loss = [&] {
      return kScale *
             model.LossAndGradient(step.batch(), key, 0.0).value().sum;
    };
    for (const ParameterTensor& t : model.layout().tensors()) {
      const size_t first = static_cast<size_t>(t.offset);
      const size_t n = static_cast<size_t>(t.size);
      ExpectGradient(t.name, model.parameters().subspan(first, n), loss,
                     absl::MakeConstSpan(gradient).subspan(first, n), 2e-7);
    }
  }
}

class ModelOnEachIsa : public IsaTest {};
ANISOGRAD_FOR_EACH_ISA(ModelOnEachIsa);

// Loss, gradients and their bits are AVX2's, with widths that fill no vector and
// such that fill some.
TEST_P(ModelOnEachIsa, HasTheSameBits) {
  ThreadPool pool(2);
  const Step step;
  for (const int width : {6, 34, 96}) {
    Gpt2Config config = Tiny();
    config.set_width(width);
    config.set_vocabulary(11 + width);
    Gpt2<float> model(config, &pool);
    Fill(&model);
    std::vector<std::vector<float>> gradients;
    std::vector<double> losses;
    for (const Isa isa : {Isa::kAvx2, GetParam()}) {
      UseIsa(isa);
      model.ZeroGradients();
      losses.push_back(
          model.LossAndGradient(step.batch(), kDropout, 0.2).value().sum);
      gradients.emplace_back(model.gradients().begin(),
                             model.gradients().end());
    }
    EXPECT_EQ(losses[0], losses[1]) << width;
    EXPECT_EQ(gradients[0], gradients[1]) << width;
  }
}

TEST(Model, MicroBatchesAddUpToTheStep) {
  ThreadPool pool(2);
  const Step step;
  for (const auto& key : {kNoDropout, kDropout}) {
    Gpt2<double> model(Tiny(), &pool);
    Fill(&model);
    model.ZeroGradients();
    const LossSum whole =
        model.LossAndGradient(step.batch(), key, 1.0).value();
    const std::vector<double> gradient(model.gradients().begin(),
                                       model.gradients().end());
    model.ZeroGradients();
    LossSum sum;
    for (size_t s = 0; s < 3; ++s) {
      std::vector<int64_t> starts;
      sum += model.LossAndGradient(step.sequence(s, &starts), key, 1.0).value();
    }
    EXPECT_EQ(sum.count, whole.count);
    EXPECT_NEAR(sum.sum, whole.sum, 1e-12);
    ExpectClose<double>("gradient", model.gradients(), gradient, 1e-12);
  }
}

TEST(Model, LossIsThatOfItsLogits) {
  ThreadPool pool(1);
  const Step step;
  Gpt2<double> model(Tiny(), &pool);
  Fill(&model);
  ASSERT_OK_AND_ASSIGN(const std::vector<double> logits,
                       model.Logits(step.batch()));
  double sum = 0.0;
  for (size_t i = 0; i < step.tokens.size(); ++i) {
    if (step.targets[i] == kNoTarget) continue;
    double exponentials = 0.0;
    for (size_t v = 0; v < 11; ++v) exponentials += std::exp(logits[i * 11 + v]);
    sum += std::log(exponentials) - logits[i * 11 + step.targets[i]];
  }
  ASSERT_OK_AND_ASSIGN(const LossSum loss, model.Loss(step.batch()));
  EXPECT_NEAR(loss.sum, sum, 1e-12);
  EXPECT_EQ(loss.count, 6);
  // Without a key, training sees the same loss.
  EXPECT_NEAR(model.LossAndGradient(step.batch(), kNoDropout, 1.0)->sum, sum,
              1e-12);
  // With dropout, another.
  EXPECT_GT(std::fabs(
                model.LossAndGradient(step.batch(), kDropout, 1.0)->sum - sum),
            1e-3);
}

TEST(Model, SinglePrecisionAgreesWithDouble) {
  ThreadPool pool(2);
  const Step step;
  Gpt2<float> single(Tiny(), &pool);
  Gpt2<double> reference(Tiny(), &pool);
  Fill(&single);
  Fill(&reference);
  single.ZeroGradients();
  reference.ZeroGradients();
  const LossSum a = single.LossAndGradient(step.batch(), kDropout, 1.0).value();
  const LossSum b =
      reference.LossAndGradient(step.batch(), kDropout, 1.0).value();
  EXPECT_NEAR(a.sum / b.sum, 1.0, 1e-6);
  for (size_t i = 0; i < single.gradients().size(); ++i) {
    ASSERT_NEAR(single.gradients()[i], reference.gradients()[i], 2e-5);
  }
}

TEST(Model, SameBitsForAnyNumberOfThreadsAndAfterOtherBatches) {
  const Step step;
  std::vector<float> first;
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    Gpt2<float> model(Tiny(), &pool);
    Fill(&model);
    // A smaller batch before lays out the arena otherwise.
    std::vector<int64_t> starts;
    ASSERT_TRUE(model
                    .LossAndGradient(step.sequence(1, &starts), kDropout, 1.0)
                    .ok());
    model.ZeroGradients();
    ASSERT_TRUE(model.LossAndGradient(step.batch(), kDropout, 1.0).ok());
    const std::vector<float> gradient(model.gradients().begin(),
                                      model.gradients().end());
    if (first.empty()) first = gradient;
    EXPECT_EQ(gradient, first);
  }
}

TEST(Model, RefusesABadBatchAndChangesNothing) {
  ThreadPool pool(1);
  Gpt2<float> model(Tiny(), &pool);
  Fill(&model);
  Step step;
  step.tokens[3] = 11;
  EXPECT_EQ(model.Loss(step.batch()).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(model.LossAndGradient(step.batch(), kDropout, 1.0).ok());
  EXPECT_FALSE(model.Logits(step.batch()).ok());
  for (const float g : model.gradients()) EXPECT_EQ(g, 0.0f);
}

}  // namespace
}  // namespace anisograd
