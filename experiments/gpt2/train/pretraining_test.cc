// The way from a plain text to fine-tuning from what was learned from it:
// text, tokens, pre-training on blocks, weights in a file, start, result. Each
// part's own test has the rest.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/bpe.h"
#include "data/bpe_vocabulary.h"
#include "data/text_documents.h"
#include "data/text_tokens.h"
#include "data/token_file.h"
#include "experiments/gpt2/start/pretrained_weights.h"
#include "experiments/gpt2/start/start.h"
#include "experiments/gpt2/train/cell.h"
#include "experiments/gpt2/train/cpu_trainable_model.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "experiments/gpt2/train/trainable_model.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

std::string Path(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/", name);
}

// 60 documents of the words "no" and "yes" in any order: most letters follow
// from the one before.
TokenFile TokensOfText() {
  std::string text;
  RandomStream random(3, RandomPurpose::kTest);
  for (int document = 0; document < 60; ++document) {
    for (int word = 0; word < 8; ++word) {
      text += random.NextBelow(2) == 0 ? "no " : "yes ";
    }
    text += "\n<|endoftext|>\n";
  }
  const BpeVocabulary vocabulary = BpeVocabulary::ByteLevel();
  BpeEncoder encoder(&vocabulary);
  EXPECT_OK(WriteFileAtomically(Path("text.txt"), text));
  auto documents = TextDocuments::Open(Path("text.txt"));
  EXPECT_OK(documents.status());
  auto writer = TokenFileWriter::Open(Path("text.bin"), vocabulary.size(),
                                      vocabulary.end_of_text());
  EXPECT_OK(writer.status());
  EXPECT_OK(TokenizeText(&*documents, &encoder, &*writer));
  EXPECT_OK(writer->Commit({}));
  auto tokens = ReadTokenFile(Path("text.bin"));
  EXPECT_OK(tokens.status());
  return *std::move(tokens);
}

// As pretrain.textproto, of a tiny model.
Gpt2ExperimentSpec Pretrain() {
  Gpt2ExperimentSpec cell = TinyFamily();
  cell.set_name("pretrain");
  cell.set_dataset("yes_and_no");
  cell.mutable_model()->set_vocabulary(257);
  cell.mutable_method()->DeleteSubrange(0, 3);
  cell.clear_batch_size();
  cell.add_batch_size(16);
  cell.mutable_grid()->clear_learning_rate();
  cell.mutable_grid()->add_learning_rate(0.01);
  cell.mutable_grid()->mutable_schedule(0)->set_warmup_steps(5);
  cell.mutable_seed()->Truncate(1);
  cell.mutable_protocol()->set_epochs(3);
  cell.mutable_protocol()->set_sequence_mode(Gpt2Protocol::BLOCKS);
  cell.mutable_protocol()->set_sequence_length(10);
  cell.mutable_protocol()->set_last_batch(LogisticProtocol::DROP);
  cell.mutable_protocol()->set_reported_loss(Gpt2Protocol::MEAN_OF_LAST_EPOCH);
  return cell;
}

// Trains `cell` from what `weights` names; the model keeps what is learned.
Gpt2Result Train(const Gpt2ExperimentSpec& cell, const TokenFile& tokens,
                 const std::string& weights, TrainableModel* model) {
  const auto start = MakeStart(cell.start(), cell.model(), weights);
  EXPECT_OK(start.status());
  auto result = RunGpt2Cell(cell, tokens, start->record, start->parameters,
                            model, {});
  EXPECT_OK(result.status());
  return *std::move(result);
}

TEST(Pretraining, FromTextToAFineTunedResult) {
  const TokenFile tokens = TokensOfText();
  ASSERT_EQ(tokens.tokens.examples(), 60);
  ThreadPool pool(1);
  const Gpt2ExperimentSpec pretrain = Pretrain();
  const auto model = MakeCpuTrainableModel(pretrain.model(), &pool);
  const Gpt2Result pretrained = Train(pretrain, tokens, "", model.get());
  EXPECT_FALSE(pretrained.start().stand_in());
  // Blocks of ten tokens, 16 a step, what is left over dropped.
  const int64_t blocks =
      static_cast<int64_t>(tokens.tokens.tokens.size()) / 10;
  EXPECT_EQ(pretrained.dataset().tokens(), 10 * blocks);
  EXPECT_EQ(pretrained.run(0).loss_size(), 3 * (blocks / 16));

  ASSERT_OK_AND_ASSIGN(const PretrainingRecord record,
                       MakePretrainingRecord(pretrained));
  EXPECT_EQ(record.final_loss(), pretrained.run(0).reported_loss());
  EXPECT_EQ(record.tokens(), 3 * (blocks / 16) * 160);
  std::vector<float> parameters(
      static_cast<size_t>(model->model().layout().size()));
  model->model().GetParameters(absl::MakeSpan(parameters));
  const std::string weights = Path("pretrained.safetensors");
  ASSERT_OK(WritePretrainedWeights(weights, pretrain.model(), parameters,
                                   record));

  Gpt2ExperimentSpec fine_tune = Pretrain();
  fine_tune.set_name("fine_tune");
  fine_tune.mutable_start()->set_kind(Gpt2Start::OFFICIAL_WEIGHTS);
  fine_tune.mutable_protocol()->set_epochs(1);
  fine_tune.mutable_protocol()->set_sequence_mode(Gpt2Protocol::PACKED);
  const Gpt2Result from_stand_in =
      Train(fine_tune, tokens, weights, model.get());
  EXPECT_TRUE(from_stand_in.start().stand_in());
  EXPECT_EQ(from_stand_in.start().digest(), record.parameters_digest());
  EXPECT_EQ(from_stand_in.start().pretraining().SerializeAsString(),
            record.SerializeAsString());
  EXPECT_TRUE(absl::StrContains(from_stand_in.start().note(),
                                "pre-trained by pretrain_adam"));
  // Something was learned and arrived: before the first step the loss is far
  // below a random start's, which is log 257 = 5.5.
  const Gpt2Result from_random = Train(fine_tune, tokens, "", model.get());
  EXPECT_GT(from_random.run(0).loss(0), 5.0f);
  EXPECT_LT(from_stand_in.run(0).loss(0), 3.0f);
}

}  // namespace
}  // namespace anisograd
