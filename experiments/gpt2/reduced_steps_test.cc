// What the reduced family keeps of the full-scale one, by both specs and by the
// tokens that both train on.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/token_file.h"
#include "experiments/gpt2/spec/experiment_spec.h"
#include "experiments/gpt2/train/sequences.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

struct Family {
  Gpt2ExperimentSpec spec;
  TokenFile tokens;
};

Family Read(const std::string& name) {
  Family family;
  family.spec = ReadGpt2Experiment(
                    absl::StrCat("experiments/gpt2/", name, ".textproto"))
                    .value();
  family.tokens =
      ReadTokenFile(absl::StrCat("data/", family.spec.dataset(), ".bin"))
          .value();
  return family;
}

// Of the column M, in all epochs.
int64_t Steps(const Family& family, int64_t batch_size) {
  const Gpt2ExperimentSpec cell =
      ExpandCell(family.spec, "sgd", batch_size).value();
  const SequenceSet sequences =
      SequenceSet::Create(family.tokens.tokens, cell.protocol()).value();
  return cell.protocol().epochs() *
         SequenceOrder(sequences.size(), SequencesPerStep(cell), 1,
                       cell.protocol().last_batch())
             .steps_per_epoch();
}

TEST(ReducedFamily, HasTheStepsOfFullScale) {
  const Family full = Read("alpaca");
  const Family reduced = Read("alpaca_reduced");
  std::vector<int64_t> steps;
  for (const int64_t m : full.spec.batch_size()) {
    steps.push_back(Steps(full, m));
    EXPECT_EQ(Steps(reduced, m), steps.back()) << "M = " << m;
  }
  EXPECT_EQ(steps, (std::vector<int64_t>{4878, 2439, 1221, 612, 306, 153}));
  EXPECT_EQ(reduced.spec.batch_size_size(), full.spec.batch_size_size());
  // A micro-batch is the same part of a step.
  const int64_t k = reduced.spec.protocol().batch_divisor();
  EXPECT_EQ(reduced.spec.protocol().micro_batch_size() * k,
            full.spec.protocol().micro_batch_size());
  EXPECT_TRUE(absl::StrContains(reduced.spec.reduced(),
                                absl::StrCat("M / ", k, " on 1 / ", k)));
}

// Whole examples, each with its end-of-text; responses alone are counted.
TEST(ReducedFamily, LearnsWholeResponses) {
  const Family reduced = Read("alpaca_reduced");
  EXPECT_TRUE(reduced.spec.protocol().mask_prompt());
  const InstructionTokens& tokens = reduced.tokens.tokens;
  for (int64_t i = 0; i < tokens.examples(); ++i) {
    ASSERT_LE(static_cast<int64_t>(tokens.Example(i).size()),
              reduced.spec.protocol().sequence_length());
    ASSERT_EQ(tokens.Example(i).back(), tokens.end_of_text);
    ASSERT_LT(tokens.prompt_lengths[i],
              static_cast<int64_t>(tokens.Example(i).size()));
  }
}

// The warm start has not seen them: it has the other half.
TEST(ReducedFamily, StartsFromOtherExamples) {
  const Family reduced = Read("alpaca_reduced");
  ASSERT_OK_AND_ASSIGN(const TokenFile others,
                       ReadTokenFile("data/alpaca_other_tokens.bin"));
  EXPECT_TRUE(absl::StrContains(reduced.tokens.info.note,
                                "examples 1 to 26001 of 52002"))
      << reduced.tokens.info.note;
  EXPECT_TRUE(
      absl::StrContains(others.info.note, "examples 26002 to 52002 of 52002"))
      << others.info.note;
  EXPECT_EQ(others.tokens.examples(), 26001);
}

}  // namespace
}  // namespace anisograd
