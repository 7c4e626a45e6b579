#include "experiments/gpt2/smoothness/full_objective.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "experiments/gpt2/net/model.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

SequenceSet Sequences(const TokenFile& file, Gpt2Protocol protocol) {
  return SequenceSet::Create(file.tokens, protocol).value();
}

// The loss of one sequence at a time, dropout aside, over all 24.
TEST(FullObjective, IsTheMeanOverTokensWhateverGoesThroughAtOneTime) {
  const Gpt2ExperimentSpec spec = TinyFamily();
  const TokenFile file = TinyTokens();
  const SequenceSet sequences = Sequences(file, spec.protocol());
  ThreadPool pool(1);
  Gpt2<float> model(spec.model(), &pool);
  model.SetParameters(InitialParameters(spec.model()));
  LossSum sum;
  for (int64_t i = 0; i < sequences.size(); ++i) {
    SequenceBatch one;
    sequences.Append(i, &one);
    TokenBatch batch;
    batch.tokens = one.tokens;
    batch.targets = one.targets;
    batch.starts = one.starts;
    ASSERT_OK_AND_ASSIGN(const LossSum part, model.Loss(batch));
    sum += part;
  }
  std::vector<float> gradient;
  for (const int64_t tokens_per_pass : {1, 20, 100000}) {
    ASSERT_OK_AND_ASSIGN(
        const FullObjective objective,
        FullObjective::Create(sequences, 0, 1, tokens_per_pass));
    EXPECT_EQ(objective.sequences(), 24);
    EXPECT_EQ(objective.real_tokens(), sequences.real_tokens());
    EXPECT_EQ(objective.longest(), 8);
    ASSERT_OK_AND_ASSIGN(const double loss, objective.LossAndGradient(&model));
    EXPECT_NEAR(loss, sum.sum / static_cast<double>(sum.count), 1e-6);
    // Anew each time, not added to the last.
    if (gradient.empty()) {
      gradient.assign(model.gradients().begin(), model.gradients().end());
    }
    for (size_t j = 0; j < gradient.size(); ++j) {
      ASSERT_NEAR(model.gradients()[j], gradient[j], 1e-6);
    }
  }
}

TEST(FullObjective, KnowsWhichTokensOccur) {
  const TokenFile file = TinyTokens();
  const SequenceSet sequences = Sequences(file, TinyFamily().protocol());
  ASSERT_OK_AND_ASSIGN(const FullObjective objective,
                       FullObjective::Create(sequences, 1, 1, 64));
  const std::set<int32_t> first(
      file.tokens.tokens.begin(),
      file.tokens.tokens.begin() +
          static_cast<ptrdiff_t>(file.tokens.offsets[1]));
  EXPECT_EQ(objective.token_ids(),
            std::vector<int32_t>(first.begin(), first.end()));
}

TEST(FullObjective, NeedsATokenToPredict) {
  TokenFile file = TinyTokens();
  // The first three examples are nothing but prompt.
  for (size_t i = 0; i < 3; ++i) {
    file.tokens.prompt_lengths[i] =
        static_cast<int32_t>(file.tokens.offsets[i + 1] -
                             file.tokens.offsets[i]);
  }
  Gpt2Protocol protocol = TinyFamily().protocol();
  protocol.set_mask_prompt(true);
  const SequenceSet sequences = Sequences(file, protocol);
  const absl::Status status =
      FullObjective::Create(sequences, 3, 1, 64).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(),
            "sequences: the first 3 have no token to predict");
  EXPECT_OK(FullObjective::Create(sequences, 4, 1, 64).status());
}

// Of 24 sequences, 0, 10 and 20: as a set that has those alone.
TEST(FullObjective, TakesOneSequenceInSoMany) {
  const Gpt2ExperimentSpec spec = TinyFamily();
  const TokenFile file = TinyTokens();
  const SequenceSet sequences = Sequences(file, spec.protocol());
  ASSERT_OK_AND_ASSIGN(const FullObjective tenth,
                       FullObjective::Create(sequences, 0, 10, 64));
  EXPECT_EQ(tenth.sequences(), 3);
  ThreadPool pool(1);
  Gpt2<float> model(spec.model(), &pool);
  model.SetParameters(InitialParameters(spec.model()));
  LossSum sum;
  int64_t real_tokens = 0;
  for (const int64_t i : {0, 10, 20}) {
    SequenceBatch one;
    sequences.Append(i, &one);
    TokenBatch batch;
    batch.tokens = one.tokens;
    batch.targets = one.targets;
    batch.starts = one.starts;
    real_tokens += one.real_tokens;
    ASSERT_OK_AND_ASSIGN(const LossSum part, model.Loss(batch));
    sum += part;
  }
  EXPECT_EQ(tenth.real_tokens(), real_tokens);
  ASSERT_OK_AND_ASSIGN(const double loss, tenth.LossAndGradient(&model));
  EXPECT_NEAR(loss, sum.sum / static_cast<double>(sum.count), 1e-6);
  EXPECT_EQ(FullObjective::Create(sequences, 4, 10, 64).status().message(),
            "sequences: 4 of the 3 that the data give");
}

}  // namespace
}  // namespace anisograd
