#include "experiments/gpt2/start/pretrained_weights.h"

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "experiments/gpt2/net/parameters_digest.h"
#include "experiments/gpt2/start/weights.h"
#include "experiments/gpt2/train/cell.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "experiments/gpt2/train/cpu_trainable_model.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

// One run: Adam, two epochs of four steps.
Gpt2ExperimentSpec OneRun() {
  Gpt2ExperimentSpec cell = TinyFamily();
  cell.mutable_method()->DeleteSubrange(0, 3);
  cell.clear_batch_size();
  cell.add_batch_size(7);
  cell.mutable_grid()->mutable_learning_rate()->Truncate(1);
  cell.mutable_seed()->Truncate(1);
  return cell;
}

std::string Path(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/", name, ".safetensors");
}

// A run, and what is left of it.
struct Trained {
  Gpt2Result result;
  std::vector<float> parameters;
};

Trained Train() {
  const Gpt2ExperimentSpec cell = OneRun();
  ThreadPool pool(1);
  const auto model = MakeCpuTrainableModel(cell.model(), &pool);
  TokenFile tokens = TinyTokens();
  tokens.digest = Sha256Hex(tokens.digest);
  Trained trained;
  auto result = RunGpt2Cell(cell, tokens, StartRecord(),
                            InitialParameters(cell.model()), model.get(), {});
  EXPECT_OK(result.status());
  trained.result = *std::move(result);
  trained.parameters.resize(
      static_cast<size_t>(model->model().layout().size()));
  model->model().GetParameters(absl::MakeSpan(trained.parameters));
  return trained;
}

TEST(PretrainedWeights, OfARunAreReadBackWithWhatTheyAre) {
  const Trained trained = Train();
  const Gpt2Run& run = trained.result.run(0);
  ASSERT_OK_AND_ASSIGN(const PretrainingRecord record,
                       MakePretrainingRecord(trained.result));
  EXPECT_EQ(record.spec_name(), "tiny");
  EXPECT_EQ(record.method(), "adam");
  EXPECT_EQ(record.spec_digest(), trained.result.spec_digest());
  EXPECT_EQ(record.dataset(), "tiny_tokens");
  EXPECT_EQ(record.dataset_digest(), trained.result.dataset().digest());
  ASSERT_EQ(run.loss_size(), 8);
  EXPECT_EQ(record.steps(), 8);
  // Two epochs.
  EXPECT_EQ(record.tokens(), 2 * trained.result.dataset().tokens());
  EXPECT_DOUBLE_EQ(
      record.final_loss(),
      (double{run.loss(4)} + run.loss(5) + run.loss(6) + run.loss(7)) / 4);
  EXPECT_LT(record.final_loss(), run.loss(0));
  EXPECT_EQ(record.parameters_digest(), ParametersDigest(trained.parameters));
  EXPECT_EQ(record.device(), trained.result.device());

  const Gpt2Config& model = trained.result.spec().model();
  ASSERT_OK(WritePretrainedWeights(Path("a"), model, trained.parameters,
                                   record));
  ASSERT_OK_AND_ASSIGN(const SafetensorsFile file,
                       SafetensorsFile::Open(Path("a")));
  ASSERT_OK_AND_ASSIGN(const std::optional<PretrainingRecord> read,
                       ReadPretrainingRecord(file));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->SerializeAsString(), record.SerializeAsString());
  std::vector<float> loaded(trained.parameters.size());
  ASSERT_OK(LoadGpt2Weights(file, model, ParameterLayout(model),
                            absl::MakeSpan(loaded)));
  EXPECT_EQ(loaded, trained.parameters);

  // The same run elsewhere gives the same file.
  const Trained again = Train();
  ASSERT_OK_AND_ASSIGN(const PretrainingRecord again_record,
                       MakePretrainingRecord(again.result));
  ASSERT_OK(WritePretrainedWeights(Path("b"), model, again.parameters,
                                   again_record));
  EXPECT_EQ(ReadFile(Path("a")).value(), ReadFile(Path("b")).value());
}

TEST(PretrainedWeights, OnlyACellWithOneRandomlyStartedRunSavesThem) {
  EXPECT_OK(CheckSavesPretrainedWeights(OneRun()));
  const auto error = [](const std::function<void(Gpt2ExperimentSpec*)>& spoil) {
    Gpt2ExperimentSpec cell = OneRun();
    spoil(&cell);
    const absl::Status status = CheckSavesPretrainedWeights(cell);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  using Spec = Gpt2ExperimentSpec;
  EXPECT_TRUE(absl::StartsWith(error([](Spec* s) { s->clear_method(); }),
                               "method: has 0 values"));
  EXPECT_TRUE(absl::StartsWith(error([](Spec* s) { s->add_batch_size(9); }),
                               "batch_size: has 2 values"));
  EXPECT_TRUE(absl::StartsWith(
      error([](Spec* s) { s->mutable_grid()->add_learning_rate(1); }),
      "grid.learning_rate: has 2"));
  EXPECT_TRUE(absl::StartsWith(
      error([](Spec* s) { s->mutable_grid()->clear_schedule(); }),
      "grid.schedule: has 0"));
  EXPECT_TRUE(absl::StartsWith(error([](Spec* s) { s->add_seed(9); }),
                               "seed: has 2 values"));
  EXPECT_TRUE(absl::StartsWith(
      error([](Spec* s) {
        s->mutable_start()->set_kind(Gpt2Start::OFFICIAL_WEIGHTS);
      }),
      "start.kind: must be RANDOM"));
}

TEST(PretrainedWeights, AnExplodedRunLeavesNone) {
  Trained trained = Train();
  trained.result.mutable_run(0)->set_outcome(Run::EXPLODED);
  EXPECT_EQ(MakePretrainingRecord(trained.result).status().code(),
            absl::StatusCode::kFailedPrecondition);
  trained.result.clear_run();
  EXPECT_EQ(MakePretrainingRecord(trained.result).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

PretrainingRecord GoodRecord() {
  PretrainingRecord record;
  const absl::Status status = ParseTextProto(
      absl::StrCat("spec_name: 'pretrain' method: 'adam' spec_digest: '",
                   Sha256Hex("a"), "' dataset: 'texts' dataset_digest: '",
                   Sha256Hex("b"), "' steps: 1600 tokens: 419430400 "
                   "final_loss: 3.5117 parameters_digest: '", Sha256Hex("c"),
                   "' device: 'a GPU'"),
      "record", &record);
  EXPECT_OK(status);
  return record;
}

TEST(PretrainedWeights, DescribedInOneLine) {
  EXPECT_EQ(DescribePretraining(GoodRecord()),
            "pre-trained by pretrain_adam for 1600 steps (419430400 tokens of "
            "texts), loss 3.512, digest 2e7d2c03a950");
}

TEST(PretrainedWeights, AreNotWrittenUnderAnotherDigest) {
  const Gpt2Config model = TinyFamily().model();
  const absl::Status status = WritePretrainedWeights(
      Path("other"), model, InitialParameters(model), GoodRecord());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StartsWith(status.message(), "parameters_digest: is 2e7d"))
      << status;
  EXPECT_EQ(ReadFile(Path("other")).status().code(),
            absl::StatusCode::kNotFound);
}

// What is read from a file with these metadata.
absl::StatusOr<std::optional<PretrainingRecord>> ReadMetadata(
    const std::string& key, const std::string& value) {
  const Gpt2Config model = TinyFamily().model();
  const std::string path = Path("metadata");
  EXPECT_OK(SaveGpt2Weights(path, ParameterLayout(model),
                            InitialParameters(model), {{key, value}}));
  absl::StatusOr<SafetensorsFile> file = SafetensorsFile::Open(path);
  if (!file.ok()) return file.status();
  return ReadPretrainingRecord(*file);
}

TEST(PretrainedWeights, FilesOfOthersHaveNoRecord) {
  ASSERT_OK_AND_ASSIGN(const std::optional<PretrainingRecord> none,
                       ReadMetadata("source", "anisograd"));
  EXPECT_FALSE(none.has_value());
}

TEST(PretrainedWeights, MetadataThatAreNotWholeAreRefusedByField) {
  const auto error = [](const std::function<void(PretrainingRecord*)>& spoil) {
    PretrainingRecord record = GoodRecord();
    spoil(&record);
    const absl::Status status =
        ReadMetadata("anisograd.pretraining", ToTextProto(record)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_TRUE(absl::StartsWith(status.message(),
                                 Path("metadata") + ": __metadata__"))
        << status;
    return std::string(status.message());
  };
  using Record = PretrainingRecord;
  const std::vector<
      std::pair<std::string, std::function<void(Record*)>>> cases = {
      {"spec_name", [](Record* r) { r->set_spec_name("two\nlines"); }},
      {"method", [](Record* r) { r->clear_method(); }},
      {"dataset", [](Record* r) { r->set_dataset("a, b"); }},
      {"spec_digest", [](Record* r) { r->set_spec_digest("abc"); }},
      {"dataset_digest",
       [](Record* r) { r->set_dataset_digest(std::string(64, 'G')); }},
      {"parameters_digest", [](Record* r) { r->clear_parameters_digest(); }},
      {"steps", [](Record* r) { r->set_steps(0); }},
      {"tokens", [](Record* r) { r->set_tokens(-1); }},
      {"final_loss",
       [](Record* r) {
         r->set_final_loss(std::numeric_limits<double>::quiet_NaN());
       }},
      {"device", [](Record* r) { r->clear_device(); }},
  };
  for (const auto& [field, spoil] : cases) {
    EXPECT_TRUE(absl::StrContains(error(spoil), absl::StrCat(": ", field, ":")))
        << error(spoil);
  }
}

// Of a later version of this program, say: overlooking it would pass the
// weights off as unmarked ones.
TEST(PretrainedWeights, UnknownKeysAndTextsOfOursAreRefused) {
  for (const char* key : {"anisograd", "anisograd.pretraining2",
                          "Anisograd.pretraining"}) {
    EXPECT_EQ(ReadMetadata(key, ToTextProto(GoodRecord())).status().code(),
              absl::StatusCode::kInvalidArgument)
        << key;
  }
  for (const char* text : {"", "{}", "spec_name: 'a' colour: 'red'"}) {
    EXPECT_EQ(ReadMetadata("anisograd.pretraining", text).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

}  // namespace
}  // namespace anisograd
