#include "experiments/gpt2/train/sequences.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

constexpr int32_t kNone = kNoTarget;

// Examples of 5, 2 and 4 tokens, of which 2, 1 and 3 are prompt.
InstructionTokens Tokens() {
  InstructionTokens tokens;
  tokens.vocabulary_size = 10;
  tokens.end_of_text = 9;
  tokens.tokens = {1, 2, 3, 4, 9, 5, 9, 6, 7, 8, 9};
  tokens.offsets = {0, 5, 7, 11};
  tokens.prompt_lengths = {2, 1, 3};
  return tokens;
}

Gpt2Protocol Protocol(Gpt2Protocol::SequenceMode mode, int32_t length) {
  Gpt2Protocol protocol;
  protocol.set_sequence_mode(mode);
  protocol.set_sequence_length(length);
  return protocol;
}

SequenceBatch All(const SequenceSet& set) {
  SequenceBatch batch;
  for (int64_t i = 0; i < set.size(); ++i) set.Append(i, &batch);
  return batch;
}

TEST(SequenceSet, PackedHasOneExampleEachAtItsOwnLength) {
  const InstructionTokens tokens = Tokens();
  ASSERT_OK_AND_ASSIGN(
      const SequenceSet set,
      SequenceSet::Create(tokens, Protocol(Gpt2Protocol::PACKED, 4)));
  EXPECT_EQ(set.real_tokens(), 10);
  const SequenceBatch batch = All(set);
  // The first example loses its fifth token.
  EXPECT_EQ(batch.tokens,
            (std::vector<int32_t>{1, 2, 3, 4, 5, 9, 6, 7, 8, 9}));
  EXPECT_EQ(batch.targets, (std::vector<int32_t>{2, 3, 4, kNone, 9, kNone, 7, 8,
                                                 9, kNone}));
  EXPECT_EQ(batch.starts, (std::vector<int64_t>{0, 4, 6, 10}));
  EXPECT_EQ(batch.counted_tokens(), 7);
}

TEST(SequenceSet, PaddedFillsWithEndOfTextThatNothingPredicts) {
  const InstructionTokens tokens = Tokens();
  ASSERT_OK_AND_ASSIGN(
      const SequenceSet set,
      SequenceSet::Create(tokens, Protocol(Gpt2Protocol::PADDED, 6)));
  EXPECT_EQ(set.length(1), 6);
  const SequenceBatch batch = All(set);
  EXPECT_EQ(batch.tokens,
            (std::vector<int32_t>{1, 2, 3, 4, 9, 9, 5, 9, 9, 9, 9, 9, 6, 7, 8,
                                  9, 9, 9}));
  EXPECT_EQ(batch.targets,
            (std::vector<int32_t>{2, 3, 4, 9, kNone, kNone, 9, kNone, kNone,
                                  kNone, kNone, kNone, 7, 8, 9, kNone, kNone,
                                  kNone}));
  EXPECT_EQ(batch.real_tokens, 11);
  EXPECT_EQ(set.real_tokens(), 11);
}

TEST(SequenceSet, PaddedToLongestOfThoseTogether) {
  const InstructionTokens tokens = Tokens();
  Gpt2Protocol protocol = Protocol(Gpt2Protocol::PADDED_TO_LONGEST, 8);
  protocol.set_mask_prompt(true);
  ASSERT_OK_AND_ASSIGN(const SequenceSet set,
                       SequenceSet::Create(tokens, protocol));
  EXPECT_EQ(set.length(1), 2);
  EXPECT_EQ(set.PaddedLength({0, 1}), 5);
  EXPECT_EQ(set.PaddedLength({1, 2}), 4);
  SequenceBatch batch;
  for (const int64_t i : {1, 2}) set.Append(i, &batch, 4);
  EXPECT_EQ(batch.tokens, (std::vector<int32_t>{5, 9, 9, 9, 6, 7, 8, 9}));
  // One token of each is counted: the response's.
  EXPECT_EQ(batch.targets, (std::vector<int32_t>{9, kNone, kNone, kNone, kNone,
                                                 kNone, 9, kNone}));
  EXPECT_EQ(batch.starts, (std::vector<int64_t>{0, 4, 8}));
  EXPECT_EQ(batch.real_tokens, 6);
  // The other modes' own.
  ASSERT_OK_AND_ASSIGN(
      const SequenceSet packed,
      SequenceSet::Create(tokens, Protocol(Gpt2Protocol::PACKED, 8)));
  EXPECT_EQ(packed.PaddedLength({0, 1}), 0);
}

TEST(SequenceSet, BlocksCrossExamplesAndDropTheRest) {
  const InstructionTokens tokens = Tokens();
  ASSERT_OK_AND_ASSIGN(
      const SequenceSet set,
      SequenceSet::Create(tokens, Protocol(Gpt2Protocol::BLOCKS, 4)));
  EXPECT_EQ(set.size(), 2);
  const SequenceBatch batch = All(set);
  EXPECT_EQ(batch.tokens, (std::vector<int32_t>{1, 2, 3, 4, 9, 5, 9, 6}));
  EXPECT_EQ(batch.targets,
            (std::vector<int32_t>{2, 3, 4, kNone, 5, 9, 6, kNone}));
}

TEST(SequenceSet, MaskedPromptsAreNotPredicted) {
  const InstructionTokens tokens = Tokens();
  Gpt2Protocol protocol = Protocol(Gpt2Protocol::PACKED, 8);
  protocol.set_mask_prompt(true);
  ASSERT_OK_AND_ASSIGN(const SequenceSet set,
                       SequenceSet::Create(tokens, protocol));
  // The prompt's last token predicts the response's first.
  EXPECT_EQ(All(set).targets,
            (std::vector<int32_t>{kNone, 3, 4, 9, kNone, 9, kNone, kNone, kNone,
                                  9, kNone}));
}

TEST(SequenceSet, CutWithinItsPromptAnExampleStaysWithoutATarget) {
  const InstructionTokens tokens = Tokens();
  Gpt2Protocol protocol = Protocol(Gpt2Protocol::PACKED, 3);
  protocol.set_mask_prompt(true);
  ASSERT_OK_AND_ASSIGN(const SequenceSet set,
                       SequenceSet::Create(tokens, protocol));
  EXPECT_EQ(set.size(), 3);
  SequenceBatch batch;
  set.Append(2, &batch);
  EXPECT_EQ(batch.tokens, (std::vector<int32_t>{6, 7, 8}));
  EXPECT_EQ(batch.counted_tokens(), 0);
  EXPECT_EQ(batch.real_tokens, 3);
}

TEST(SequenceSet, WithoutATargetThereIsNothingToTrain) {
  InstructionTokens tokens = Tokens();
  // No whole block.
  const Gpt2Protocol blocks = Protocol(Gpt2Protocol::BLOCKS, 12);
  // Nothing but prompts.
  tokens.prompt_lengths = {5, 2, 4};
  Gpt2Protocol masked = Protocol(Gpt2Protocol::PADDED, 6);
  masked.set_mask_prompt(true);
  for (const Gpt2Protocol& protocol : {blocks, masked}) {
    const absl::Status status = SequenceSet::Create(tokens, protocol).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_TRUE(absl::StartsWith(status.message(), "protocol.sequence_length"))
        << status;
  }
}

std::vector<int64_t> Epoch(SequenceOrder* order, int64_t epoch) {
  std::vector<int64_t> all;
  for (int64_t k = 0; k < order->steps_per_epoch(); ++k) {
    const auto step = order->Step(epoch * order->steps_per_epoch() + k);
    all.insert(all.end(), step.begin(), step.end());
  }
  return all;
}

TEST(SequenceOrder, EveryEpochIsAPermutationOfItsOwn) {
  SequenceOrder order(10, 4, 1, LogisticProtocol::KEEP);
  EXPECT_EQ(order.steps_per_epoch(), 3);
  EXPECT_EQ(order.Step(1).size(), 4u);
  EXPECT_EQ(order.Step(2).size(), 2u);
  const std::vector<int64_t> first = Epoch(&order, 0);
  const std::vector<int64_t> second = Epoch(&order, 1);
  EXPECT_NE(first, second);
  for (std::vector<int64_t> epoch : {first, second}) {
    std::sort(epoch.begin(), epoch.end());
    std::vector<int64_t> expected(10);
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(epoch, expected);
  }
}

TEST(SequenceOrder, DropLeavesOutThePartialBatch) {
  SequenceOrder order(10, 4, 1, LogisticProtocol::DROP);
  EXPECT_EQ(order.steps_per_epoch(), 2);
  EXPECT_EQ(Epoch(&order, 0).size(), 8u);
  EXPECT_EQ(SequenceOrder(3, 4, 1, LogisticProtocol::DROP).steps_per_epoch(),
            0);
}

TEST(SequenceOrder, ABatchBeyondTheDataIsAWholeEpoch) {
  for (const int64_t batch_size :
       {int64_t{10}, int64_t{11}, std::numeric_limits<int64_t>::max()}) {
    SequenceOrder order(10, batch_size, 1, LogisticProtocol::KEEP);
    EXPECT_EQ(order.steps_per_epoch(), 1);
    EXPECT_EQ(order.Step(0).size(), 10u);
    EXPECT_EQ(order.Step(1).size(), 10u);
  }
}

TEST(SequenceOrder, IsAFunctionOfSeedAndStep) {
  SequenceOrder forward(10, 3, 7, LogisticProtocol::KEEP);
  SequenceOrder backward(10, 3, 7, LogisticProtocol::KEEP);
  SequenceOrder other(10, 3, 8, LogisticProtocol::KEEP);
  const std::vector<int64_t> second = Epoch(&backward, 1);
  EXPECT_EQ(Epoch(&forward, 0), Epoch(&backward, 0));
  EXPECT_EQ(Epoch(&forward, 1), second);
  EXPECT_NE(Epoch(&other, 1), second);
}

}  // namespace
}  // namespace anisograd
