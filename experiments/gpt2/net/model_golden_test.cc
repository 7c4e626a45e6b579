// The model against Hugging Face's, by the file that
// tools/golden/gpt2_model.py writes.

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "experiments/gpt2/net/gradient_check.h"
#include "experiments/gpt2/net/model.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

const std::vector<int32_t> kTokens = {3, 1,  12, 0, 5, 5, 7, 2, 9,
                                      11, 10, 8,  6, 4, 3, 2, 1, 0};
const std::vector<int32_t> kTargets = {1,  12, -1, 5, 5, 7, -1, 9, 4,
                                       -1, -1, 6,  4, 3, 2, 1,  0, 12};
const std::vector<int64_t> kStarts = {0, 7, 9, 18};

// The golden file: numbers by the words before them.
std::map<std::string, std::vector<double>> ReadGolden() {
  std::map<std::string, std::vector<double>> golden;
  const std::string text = ReadFile("experiments/gpt2/net/gpt2_golden.txt").value();
  for (const auto line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    const size_t keys = words[0] == "logits" ? 3 : words[0] == "grad" ? 2 : 1;
    std::string key = words[0];
    for (size_t i = 1; i < keys; ++i) absl::StrAppend(&key, " ", words[i]);
    for (size_t i = keys; i < words.size(); ++i) {
      double value = 0.0;
      EXPECT_TRUE(absl::SimpleAtod(words[i], &value)) << words[i];
      golden[key].push_back(value);
    }
  }
  return golden;
}

template <typename T>
void Compare(double tolerance) {
  Gpt2Config config;
  config.set_layers(2);
  config.set_heads(2);
  config.set_width(12);
  config.set_context(9);
  config.set_vocabulary(13);
  config.set_layer_norm_epsilon(1e-5);
  config.set_initializer_range(0.02);
  ThreadPool pool(2);
  Gpt2<T> model(config, &pool);
  for (size_t t = 0; t < model.layout().tensors().size(); ++t) {
    const ParameterTensor& tensor = model.layout().tensors()[t];
    const double base = absl::StrContains(tensor.name, "ln_") &&
                                absl::EndsWith(tensor.name, "weight")
                            ? 1.0
                            : 0.0;
    for (int64_t i = 0; i < tensor.size; ++i) {
      model.parameters()[tensor.offset + i] = static_cast<T>(
          base + 0.3 * std::sin(0.37 * static_cast<double>(i + 1) +
                                1.7 * static_cast<double>(t + 1)));
    }
  }
  TokenBatch batch;
  batch.tokens = kTokens;
  batch.targets = kTargets;
  batch.starts = kStarts;
  auto golden = ReadGolden();
  const auto expect = [&](const std::string& key, absl::Span<const T> actual) {
    ASSERT_TRUE(golden.count(key)) << key;
    const std::vector<T> expected(golden[key].begin(), golden[key].end());
    ExpectClose<T>(key, actual, expected, tolerance);
  };

  ASSERT_OK_AND_ASSIGN(const std::vector<T> logits, model.Logits(batch));
  for (size_t s = 0; s < 3; ++s) {
    for (int64_t i = kStarts[s]; i < kStarts[s + 1]; ++i) {
      expect(absl::StrCat("logits ", s, " ", i - kStarts[s]),
             absl::MakeConstSpan(logits).subspan(static_cast<size_t>(i) * 13,
                                                 13));
    }
  }
  model.ZeroGradients();
  ASSERT_OK_AND_ASSIGN(const LossSum loss,
                       model.LossAndGradient(batch, std::nullopt, 1.0 / 14));
  ASSERT_EQ(loss.count, 14);
  const T mean = static_cast<T>(loss.mean());
  expect("loss", absl::MakeConstSpan(&mean, 1));
  for (const ParameterTensor& tensor : model.layout().tensors()) {
    expect(absl::StrCat("grad ", tensor.name),
           model.gradients().subspan(static_cast<size_t>(tensor.offset),
                                     static_cast<size_t>(tensor.size)));
  }
}

TEST(ModelGolden, DoublePrecision) { Compare<double>(1e-12); }
TEST(ModelGolden, SinglePrecision) { Compare<float>(1e-5); }

}  // namespace
}  // namespace anisograd
