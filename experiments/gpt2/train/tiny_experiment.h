#ifndef EXPERIMENTS_GPT2_TRAIN_TINY_EXPERIMENT_H_
#define EXPERIMENTS_GPT2_TRAIN_TINY_EXPERIMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "data/token_file.h"
#include "experiments/gpt2/net/parameters.h"
#include "experiments/gpt2/spec/spec.pb.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/base/textproto.h"

namespace anisograd {

// For tests: an experiment that trains in milliseconds.

// 24 examples of 3 to 9 tokens, half of them prompt, in a vocabulary of 13,
// where token 2 k is always followed by token 2 k + 1: there is something to
// learn.
inline TokenFile TinyTokens() {
  TokenFile file;
  file.info.name = "tiny_tokens";
  file.digest = "of the tiny tokens";
  file.tokens.vocabulary_size = 13;
  file.tokens.end_of_text = 12;
  RandomStream random(5, RandomPurpose::kTest);
  for (int64_t i = 0; i < 24; ++i) {
    const int64_t pairs = 1 + i % 4;
    for (int64_t k = 0; k < pairs; ++k) {
      const int32_t even = 2 * static_cast<int32_t>(random.NextBelow(6));
      file.tokens.tokens.push_back(even);
      file.tokens.tokens.push_back(even + 1);
    }
    file.tokens.tokens.push_back(file.tokens.end_of_text);
    file.tokens.prompt_lengths.push_back(static_cast<int32_t>(pairs));
    file.tokens.offsets.push_back(
        static_cast<int64_t>(file.tokens.tokens.size()));
  }
  return file;
}

// Two rates and two seeds; every batch size and rule of the tests below.
inline Gpt2ExperimentSpec TinyFamily() {
  Gpt2ExperimentSpec spec;
  const absl::Status status = ParseTextProto(R"(
    name: "tiny" dataset: "tiny_tokens"
    model {
      layers: 1 heads: 2 width: 8 context: 10 vocabulary: 13
      attention_dropout: 0.1 embedding_dropout: 0.1 residual_dropout: 0.1
      layer_norm_epsilon: 1e-5 initializer_range: 0.1
    }
    start { kind: RANDOM seed: 1 }
    method { name: "sgd" optimizer { sgd {} } }
    method {
      name: "adagrad"
      optimizer { adagrad { epsilon_convention: OUTSIDE_ROOT epsilon: 1e-10 } }
    }
    method {
      name: "adagrad_norm" optimizer { adagrad_norm { epsilon: 1e-3 } }
    }
    method {
      name: "adam"
      optimizer { adam { beta1: 0.9 beta2: 0.999 epsilon: 1e-8 } }
    }
    batch_size: [4, 7, 16]
    grid { learning_rate: [0.1, 0.02] schedule { kind: COSINE } }
    seed: [3, 4]
    protocol {
      epochs: 2 sequence_mode: PACKED sequence_length: 8 last_batch: KEEP
      accumulation: MEAN_OF_TOKENS micro_batch_size: 128 max_gradient_norm: 1
      reported_loss: MEAN_OF_RUN tokens_per_pass: 64 arithmetic: FLOAT32
    }
  )", "tiny", &spec);
  EXPECT_TRUE(status.ok()) << status;
  return spec;
}

inline std::vector<float> InitialParameters(const Gpt2Config& config,
                                            uint64_t seed = 1) {
  const ParameterLayout layout(config);
  std::vector<float> parameters(static_cast<size_t>(layout.size()));
  InitializeParameters(config, layout, seed, absl::MakeSpan(parameters));
  return parameters;
}

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_TRAIN_TINY_EXPERIMENT_H_
