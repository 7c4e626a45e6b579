#include "experiments/gpt2/start/start.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "data/official_gpt2.h"
#include "experiments/gpt2/net/parameters_digest.h"
#include "experiments/gpt2/start/pretrained_weights.h"
#include "experiments/gpt2/start/weights.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

Gpt2Start Official() {
  Gpt2Start start;
  start.set_kind(Gpt2Start::OFFICIAL_WEIGHTS);
  start.set_seed(1);
  return start;
}

TEST(Start, RandomIsGpt2sInitialisation) {
  const Gpt2Config model = TinyFamily().model();
  Gpt2Start random;
  random.set_kind(Gpt2Start::RANDOM);
  random.set_seed(1);
  ASSERT_OK_AND_ASSIGN(const Start start, MakeStart(random, model, ""));
  EXPECT_EQ(start.parameters, InitialParameters(model, 1));
  EXPECT_FALSE(start.record.stand_in());
  EXPECT_EQ(start.record.note(), "random start, seed 1");
  random.set_seed(2);
  ASSERT_OK_AND_ASSIGN(const Start other, MakeStart(random, model, ""));
  EXPECT_NE(start.record.digest(), other.record.digest());
}

// Writes a file of weights and returns what it says it is, all of it made up
// but the digest.
PretrainingRecord WriteMadeUpPretraining(const std::string& path,
                                         const Gpt2Config& model,
                                         const std::vector<float>& weights) {
  PretrainingRecord record;
  record.set_spec_name("pretrain");
  record.set_method("adam");
  record.set_spec_digest(Sha256Hex("spec"));
  record.set_dataset("some_texts");
  record.set_dataset_digest(Sha256Hex("data"));
  record.set_steps(7);
  record.set_tokens(700);
  record.set_final_loss(3.25);
  record.set_parameters_digest(ParametersDigest(weights));
  record.set_device("made up");
  EXPECT_OK(WritePretrainedWeights(path, model, weights, record));
  return record;
}

TEST(Start, OfficialWeightsAreKnownByTheirBytes) {
  const Gpt2Config model = TinyFamily().model();
  const std::vector<float> weights = InitialParameters(model, 9);
  const std::string path = testing::TempDir() + "/weights.safetensors";
  ASSERT_OK(SaveGpt2Weights(path, ParameterLayout(model), weights, {}));
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(path));
  ASSERT_OK_AND_ASSIGN(
      const Start read, MakeStart(Official(), model, path, Sha256Hex(bytes)));
  EXPECT_EQ(read.parameters, weights);
  EXPECT_FALSE(read.record.stand_in());
  EXPECT_EQ(read.record.note(), "GPT-2's official weights");
  EXPECT_EQ(std::string(kOfficialGpt2Sha256).size(), 64u);

  // The same tensors without a word about their origin.
  ASSERT_OK_AND_ASSIGN(const Start unknown, MakeStart(Official(), model, path));
  EXPECT_EQ(unknown.parameters, weights);
  EXPECT_TRUE(unknown.record.stand_in());
  EXPECT_EQ(unknown.record.note(),
            "GPT-2's official weights could not be had: weights of unknown "
            "origin, SHA-256 of their file " + Sha256Hex(bytes));
  EXPECT_FALSE(unknown.record.has_pretraining());
}

TEST(Start, ARandomStartStandsInWhereNoWeightsAreGiven) {
  const Gpt2Config model = TinyFamily().model();
  ASSERT_OK_AND_ASSIGN(const Start random, MakeStart(Official(), model, ""));
  EXPECT_EQ(random.parameters, InitialParameters(model, 1));
  EXPECT_TRUE(random.record.stand_in());
  EXPECT_EQ(random.record.note(),
            "GPT-2's official weights could not be had: random start, seed 1");
}

TEST(Start, PretrainedWeightsAreAStandInAndSayWhatTheyAre) {
  const Gpt2Config model = TinyFamily().model();
  const std::vector<float> weights = InitialParameters(model, 9);
  const std::string path = testing::TempDir() + "/pretrained.safetensors";
  const PretrainingRecord record = WriteMadeUpPretraining(path, model, weights);
  const std::string digest = ParametersDigest(weights);
  // Even where somebody takes the file's bytes for the official ones'.
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(path));
  for (const std::string& official :
       {std::string(kOfficialGpt2Sha256), Sha256Hex(bytes)}) {
    ASSERT_OK_AND_ASSIGN(const Start start,
                         MakeStart(Official(), model, path, official));
    EXPECT_EQ(start.parameters, weights);
    EXPECT_TRUE(start.record.stand_in());
    EXPECT_EQ(start.record.note(),
              "GPT-2's official weights could not be had: stand-in pre-trained "
              "by pretrain_adam for 7 steps (700 tokens of some_texts), loss "
              "3.250, digest " + digest.substr(0, 12));
    EXPECT_EQ(start.record.digest(), digest);
    EXPECT_EQ(start.record.pretraining().SerializeAsString(),
              record.SerializeAsString());
  }
}

TEST(Start, PretrainedWeightsThatWereChangedAreRefused) {
  const Gpt2Config model = TinyFamily().model();
  const std::string path = testing::TempDir() + "/changed.safetensors";
  WriteMadeUpPretraining(path, model, InitialParameters(model, 9));
  ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(path));
  // A bit of the last number's mantissa.
  bytes[bytes.size() - 4] ^= 1;
  ASSERT_OK(WriteFileAtomically(path, bytes));
  const absl::Status status = MakeStart(Official(), model, path).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(absl::StrContains(status.message(),
                                path + ": __metadata__: parameters_digest"))
      << status;
}

TEST(Start, ARandomStartTakesNoWeights) {
  const Gpt2Config model = TinyFamily().model();
  Gpt2Start random;
  random.set_kind(Gpt2Start::RANDOM);
  const absl::Status status = MakeStart(random, model, "weights").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(
      status.message(),
      "start.kind: is RANDOM, which takes no weights, but weights is given"))
      << status;
}

TEST(Start, WeightsOfAnotherShapeAreRefused) {
  Gpt2Config model = TinyFamily().model();
  const std::string path = testing::TempDir() + "/other.safetensors";
  ASSERT_OK(SaveGpt2Weights(path, ParameterLayout(model),
                            InitialParameters(model), {}));
  model.set_context(11);
  const absl::Status status = MakeStart(Official(), model, path).status();
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(absl::StrContains(status.message(), path)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "wpe.weight")) << status;

  // A name that is given must be a file: nothing stands in for a mistake.
  const absl::Status missing =
      MakeStart(Official(), model, path + ".none").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(absl::StrContains(missing.message(), path + ".none")) << missing;
}

// What a spec asks for by PRETRAINED_WEIGHTS has to say what it is, and changes
// the record with every change of the weights.
TEST(Start, PretrainedWeightsAreSaid) {
  const Gpt2Config model = TinyFamily().model();
  Gpt2Start pretrained;
  pretrained.set_kind(Gpt2Start::PRETRAINED_WEIGHTS);
  EXPECT_TRUE(absl::StrContains(
      MakeStart(pretrained, model, "").status().message(),
      "start.kind: is PRETRAINED_WEIGHTS, but no weights are given"));

  const std::string path = testing::TempDir() + "/pretrained.safetensors";
  std::string last_digest;
  for (const uint64_t seed : {7, 8}) {
    const std::vector<float> weights = InitialParameters(model, seed);
    const PretrainingRecord record =
        WriteMadeUpPretraining(path, model, weights);
    ASSERT_OK_AND_ASSIGN(const Start start, MakeStart(pretrained, model, path));
    EXPECT_EQ(start.parameters, weights);
    EXPECT_TRUE(start.record.stand_in());
    EXPECT_EQ(start.record.pretraining().dataset(), "some_texts");
    EXPECT_TRUE(absl::StartsWith(
        start.record.note(),
        "pre-trained stand-in for GPT-2's weights: pre-trained by "
        "pretrain_adam for 7 steps (700 tokens of some_texts), loss 3.250"))
        << start.record.note();
    EXPECT_EQ(start.record.digest(), record.parameters_digest());
    EXPECT_NE(start.record.digest(), last_digest);
    last_digest = start.record.digest();
  }

  const std::string unsaid = testing::TempDir() + "/unsaid.safetensors";
  ASSERT_OK(SaveGpt2Weights(unsaid, ParameterLayout(model),
                            InitialParameters(model, 7), {}));
  const absl::Status status = MakeStart(pretrained, model, unsaid).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(status.message(), "does not say")) << status;
}

}  // namespace
}  // namespace anisograd
