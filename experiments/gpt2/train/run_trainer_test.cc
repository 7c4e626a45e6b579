#include "experiments/gpt2/train/run_trainer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "experiments/gpt2/net/parameters_digest.h"
#include "experiments/gpt2/train/cpu_trainable_model.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "experiments/spec_parts.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

Gpt2ExperimentSpec Cell(const std::string& method, int64_t batch_size) {
  return ExpandCell(TinyFamily(), method, batch_size).value();
}

Gpt2Run PlannedRun(const Gpt2ExperimentSpec& cell, double learning_rate) {
  Gpt2Run run;
  run.set_learning_rate(learning_rate);
  *run.mutable_schedule() = cell.grid().schedule(0);
  run.set_seed(cell.seed(0));
  return run;
}

// A model with its data and one run.
struct Training {
  Training(const Gpt2ExperimentSpec& cell, double learning_rate,
           int threads = 1)
      : pool(threads),
        sequences(
            SequenceSet::Create(tokens.tokens, cell.protocol()).value()),
        model(MakeCpuTrainableModel(cell.model(), &pool)) {
    EXPECT_OK(model->Reset(cell.method(0).optimizer(),
                           InitialParameters(cell.model())));
    trainer = std::make_unique<RunTrainer>(cell, sequences, model.get(),
                                           PlannedRun(cell, learning_rate));
  }

  std::vector<float> Parameters() const {
    std::vector<float> values(
        static_cast<size_t>(model->model().layout().size()));
    model->model().GetParameters(absl::MakeSpan(values));
    return values;
  }
  Gpt2Run Finish() {
    while (!trainer->done()) EXPECT_OK(trainer->Step());
    return trainer->Finish();
  }

  const TokenFile tokens = TinyTokens();
  ThreadPool pool;
  const SequenceSet sequences;
  const std::unique_ptr<TrainableModel> model;
  std::unique_ptr<RunTrainer> trainer;
};

Gpt2Run Train(const Gpt2ExperimentSpec& cell, double learning_rate,
              int threads = 1) {
  return Training(cell, learning_rate, threads).Finish();
}

void ClearDropout(Gpt2ExperimentSpec* cell) {
  cell->mutable_model()->set_attention_dropout(0);
  cell->mutable_model()->set_embedding_dropout(0);
  cell->mutable_model()->set_residual_dropout(0);
}

double Norm(const std::vector<float>& x) {
  double squares = 0.0;
  for (const double element : x) squares += element * element;
  return std::sqrt(squares);
}

// Loss and gradient of the first step from the model itself, one call for each
// micro-batch of `micro` sequences, its loss divided as `divisor` says for the
// number of its tokens with a target.
struct FirstStep {
  FirstStep(const Gpt2ExperimentSpec& cell, int64_t micro,
            const std::function<double(int64_t counted)>& divisor) {
    Training twin(cell, 0.25);
    LanguageModel& model = twin.model->model();
    SequenceOrder order(twin.sequences.size(), cell.batch_size(0),
                        cell.seed(0), LogisticProtocol::KEEP);
    const absl::Span<const int64_t> step = order.Step(0);
    model.ZeroGradients();
    int64_t first_token = 0;
    for (size_t begin = 0; begin < step.size(); begin += micro) {
      SequenceBatch sequences;
      for (const int64_t i : step.subspan(begin, micro)) {
        twin.sequences.Append(i, &sequences);
      }
      TokenBatch batch;
      batch.tokens = sequences.tokens;
      batch.targets = sequences.targets;
      batch.starts = sequences.starts;
      batch.first_token = first_token;
      first_token += batch.size();
      tokens += sequences.real_tokens;
      const double scale = 1.0 / divisor(sequences.counted_tokens());
      loss += scale * model
                          .LossAndGradient(batch, DropoutKey{cell.seed(0), 0},
                                           scale)
                          .value()
                          .sum;
    }
    gradient.resize(static_cast<size_t>(model.layout().size()));
    model.GetGradients(absl::MakeSpan(gradient));
  }

  double loss = 0.0;
  int64_t tokens = 0;
  std::vector<float> gradient;
};

// The first step of `cell` must be
//   w_1 = w_0 - eta s(0) g min(1, c / |g|).
void ExpectFirstStep(const Gpt2ExperimentSpec& cell, const FirstStep& first) {
  Training training(cell, 0.25);
  const std::vector<float> before = training.Parameters();
  EXPECT_EQ(training.trainer->learning_rate(), 0.25);
  ASSERT_OK(training.trainer->Step());
  const Gpt2Run& run = training.trainer->run();
  const double norm = Norm(first.gradient);
  const double most = cell.protocol().max_gradient_norm();
  const bool clips = most > 0.0 && norm > most;
  EXPECT_FLOAT_EQ(run.loss(0), static_cast<float>(first.loss));
  EXPECT_FLOAT_EQ(run.gradient_norm(0), static_cast<float>(norm));
  EXPECT_EQ(run.clipped_steps(), clips ? 1 : 0);
  EXPECT_EQ(run.tokens(), first.tokens);
  const std::vector<float> after = training.Parameters();
  for (size_t j = 0; j < before.size(); ++j) {
    ASSERT_NEAR(
        after[j],
        before[j] - 0.25 * first.gradient[j] * (clips ? most / norm : 1.0),
        1e-6);
  }
}

TEST(RunTrainer, TakesTheStepOfItsFormula) {
  Gpt2ExperimentSpec cell = Cell("sgd", 4);
  const FirstStep first(cell, 4, [](int64_t counted) { return counted; });
  const double norm = Norm(first.gradient);
  // Clipped, within the limit, and with no limit.
  for (const double most : {0.5 * norm, 2.0 * norm, 0.0}) {
    cell.mutable_protocol()->set_max_gradient_norm(most);
    ExpectFirstStep(cell, first);
  }
}

// Dropout counts tokens within the step, whatever the micro-batches.
TEST(RunTrainer, MeanOfMicroBatchesIsTheMeanOfTheirMeans) {
  Gpt2ExperimentSpec cell = Cell("sgd", 7);
  cell.mutable_protocol()->set_accumulation(
      Gpt2Protocol::MEAN_OF_MICRO_BATCHES);
  cell.mutable_protocol()->set_micro_batch_size(3);
  // Micro-batches of 3, 3 and 1 sequences.
  ExpectFirstStep(cell, FirstStep(cell, 3, [](int64_t counted) {
                    return 3.0 * static_cast<double>(counted);
                  }));
}

TEST(RunTrainer, MeanOfTokensIsTheMeanOverTheStep) {
  Gpt2ExperimentSpec cell = Cell("sgd", 7);
  cell.mutable_protocol()->set_micro_batch_size(3);
  int64_t all = 0;
  FirstStep(cell, 7, [&](int64_t counted) { return all = counted; });
  ExpectFirstStep(cell, FirstStep(cell, 3, [&](int64_t) { return all; }));
}

// A micro-batch of nothing but prompts has the loss 0, and counts.
TEST(RunTrainer, AMicroBatchWithoutATargetHasNoLoss) {
  Gpt2ExperimentSpec cell = Cell("sgd", 7);
  cell.mutable_protocol()->set_accumulation(
      Gpt2Protocol::MEAN_OF_MICRO_BATCHES);
  cell.mutable_protocol()->set_micro_batch_size(1);
  cell.mutable_protocol()->set_mask_prompt(true);
  // Cut to two tokens, only an example with a prompt of one keeps a target.
  cell.mutable_protocol()->set_sequence_length(2);
  const FirstStep first(cell, 1, [](int64_t counted) {
    return counted == 0 ? 1e30 : 7.0 * static_cast<double>(counted);
  });
  ASSERT_GT(first.loss, 0.0);
  ASSERT_LT(first.loss, 2.5);
  ExpectFirstStep(cell, first);
}

TEST(RunTrainer, FollowsTheScheduleStepByStep) {
  const Gpt2ExperimentSpec cell = Cell("sgd", 7);
  Training training(cell, 0.1);
  // 24 sequences in batches of 7: 4 steps an epoch, 2 epochs.
  EXPECT_EQ(training.trainer->total_steps(), 8);
  for (int t = 0; t < 8; ++t) {
    EXPECT_DOUBLE_EQ(training.trainer->learning_rate(),
                     0.1 * (1 + std::cos(M_PI * t / 8)) / 2);
    ASSERT_OK(training.trainer->Step());
  }
  EXPECT_TRUE(training.trainer->done());
}

TEST(RunTrainer, CountsTheStepsThatItClips) {
  Gpt2ExperimentSpec cell = Cell("sgd", 7);
  cell.mutable_protocol()->set_max_gradient_norm(0);
  const Gpt2Run free = Train(cell, 0.1);
  EXPECT_EQ(free.clipped_steps(), 0);
  // Between the norms, which the limit then changes little.
  std::vector<float> norms(free.gradient_norm().begin(),
                           free.gradient_norm().end());
  std::sort(norms.begin(), norms.end());
  const double middle = 0.5 * (norms[3] + norms[4]);
  cell.mutable_protocol()->set_max_gradient_norm(middle);
  const Gpt2Run some = Train(cell, 0.1);
  EXPECT_EQ(some.clipped_steps(),
            std::count_if(some.gradient_norm().begin(),
                          some.gradient_norm().end(),
                          [&](double norm) { return norm > middle; }));
  EXPECT_GT(some.clipped_steps(), 0);
  EXPECT_LT(some.clipped_steps(), 8);
  cell.mutable_protocol()->set_max_gradient_norm(1e-3);
  EXPECT_EQ(Train(cell, 0.1).clipped_steps(), 8);
}

TEST(RunTrainer, ReportsTheMeanThatTheProtocolAsksFor) {
  Gpt2ExperimentSpec cell = Cell("sgd", 7);
  const Gpt2Run run = Train(cell, 0.1);
  EXPECT_EQ(run.outcome(), Run::CONVERGED);
  double all = 0.0, last = 0.0;
  for (int t = 0; t < 8; ++t) {
    all += run.loss(t);
    if (t >= 4) last += run.loss(t);
  }
  EXPECT_DOUBLE_EQ(run.reported_loss(), all / 8);
  cell.mutable_protocol()->set_reported_loss(Gpt2Protocol::MEAN_OF_LAST_EPOCH);
  EXPECT_DOUBLE_EQ(Train(cell, 0.1).reported_loss(), last / 4);
}

// Bit for bit, since a NaN does not equal itself.
void ExpectSameBits(const std::vector<float>& a, const std::vector<float>& b) {
  ASSERT_EQ(a.size(), b.size());
  EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)), 0);
}

TEST(RunTrainer, RecordsAnExplosionAndLeavesTheWeights) {
  const Gpt2ExperimentSpec cell = Cell("sgd", 4);
  Training training(cell, 0.1);
  ASSERT_OK(training.trainer->Step());
  std::vector<float> poisoned = training.Parameters();
  // Nothing has a finite loss from now on.
  const ParameterLayout& layout = training.model->model().layout();
  poisoned[static_cast<size_t>(layout.final_norm_bias().offset)] =
      std::numeric_limits<float>::quiet_NaN();
  training.model->model().SetParameters(poisoned);
  const Gpt2Run run = training.Finish();
  EXPECT_EQ(run.outcome(), Run::EXPLODED);
  EXPECT_EQ(run.explosion_step(), 1);
  EXPECT_EQ(run.loss_size(), 2);
  EXPECT_EQ(run.gradient_norm_size(), 2);
  EXPECT_EQ(run.explosion_reason(), "loss is not finite");
  EXPECT_EQ(run.reported_loss(), 0.0);
  ExpectSameBits(training.Parameters(), poisoned);
  EXPECT_EQ(run.parameters_digest(), ParametersDigest(poisoned));
}

// A model whose gradients overflow at step `steep`, while its losses do not.
class SteepModel : public TrainableModel {
 public:
  SteepModel(TrainableModel* model, int steep, bool runs_ahead)
      : inner_(model), steep_(steep), runs_ahead_(runs_ahead) {}
  std::string device() const override { return inner_->device(); }
  LanguageModel& model() override { return inner_->model(); }
  absl::Status Reset(const OptimizerSpec& optimizer,
                     absl::Span<const float> parameters) override {
    return inner_->Reset(optimizer, parameters);
  }
  double GradientNorm() override { return inner_->GradientNorm(); }
  void Step(double learning_rate, double max_norm) override {
    if (steps_++ == steep_) return;
    ASSERT_LE(steps_, steep_) << "a step behind the last";
    inner_->Step(learning_rate, max_norm);
  }
  double StepNorm() override {
    return steps_ > steep_ ? std::numeric_limits<double>::infinity()
                           : inner_->StepNorm();
  }
  bool runs_ahead() const override { return runs_ahead_; }
  std::vector<StateArray> StateArrays() const override {
    return inner_->StateArrays();
  }
  void GetState(int index, absl::Span<float> out) const override {
    inner_->GetState(index, out);
  }
  void SetState(int index, absl::Span<const float> values) override {
    inner_->SetState(index, values);
  }

 private:
  TrainableModel* const inner_;
  const int steep_;
  const bool runs_ahead_;
  int steps_ = 0;
};

// Known one step late, it is recorded at its own.
TEST(RunTrainer, AGradientThatIsNotFiniteIsAnExplosionToo) {
  const Gpt2ExperimentSpec cell = Cell("adam", 4);
  for (const int step : {0, 2, 11}) {
    std::string expected;
    for (const bool ahead : {false, true}) {
      Training training(cell, 0.1);
      SteepModel steep(training.model.get(), step, ahead);
      RunTrainer trainer(cell, training.sequences, &steep,
                         PlannedRun(cell, 0.1));
      ASSERT_EQ(trainer.total_steps(), 12);
      int steps = 0;
      for (; !trainer.done(); ++steps) ASSERT_OK(trainer.Step());
      EXPECT_EQ(steps, ahead && step < 11 ? step + 2 : step + 1);
      const Gpt2Run run = trainer.Finish();
      EXPECT_EQ(run.outcome(), Run::EXPLODED);
      EXPECT_EQ(run.explosion_step(), step);
      EXPECT_EQ(run.explosion_reason(), "gradient norm is not finite");
      EXPECT_EQ(run.loss_size(), step + 1);
      EXPECT_EQ(run.gradient_norm_size(), step + 1);
      if (!ahead) expected = SerializeDeterministically(run);
      EXPECT_EQ(SerializeDeterministically(run), expected);
    }
  }
}

// The log is whole where it is asked to be, and at the end.
TEST(RunTrainer, RunsAheadOfTheNorm) {
  const Gpt2ExperimentSpec cell = Cell("sgd", 7);
  Training training(cell, 0.1);
  SteepModel model(training.model.get(), 1000, true);
  RunTrainer trainer(cell, training.sequences, &model, PlannedRun(cell, 0.1));
  ASSERT_OK(trainer.Step());
  ASSERT_OK(trainer.Step());
  EXPECT_EQ(trainer.run().loss_size(), 2);
  EXPECT_EQ(trainer.run().gradient_norm_size(), 1);
  trainer.Settle();
  trainer.Settle();
  EXPECT_EQ(trainer.run().gradient_norm_size(), 2);
  while (!trainer.done()) ASSERT_OK(trainer.Step());
  EXPECT_EQ(SerializeDeterministically(trainer.Finish()),
            SerializeDeterministically(Train(cell, 0.1)));
}

TEST(RunTrainer, AnAbsurdRateIsAResultNotAnError) {
  Gpt2ExperimentSpec cell = Cell("sgd", 4);
  cell.mutable_protocol()->set_max_gradient_norm(0);
  const Gpt2Run run = Train(cell, 1e38);
  EXPECT_EQ(run.outcome(), Run::EXPLODED);
  EXPECT_GT(run.explosion_step(), 0);
  EXPECT_LT(run.explosion_step(), 12);
  EXPECT_EQ(run.loss_size(), run.explosion_step() + 1);
  EXPECT_FALSE(run.explosion_reason().empty());
}

// What the mean is over when micro-batches differ in their numbers of tokens.
TEST(RunTrainer, AccumulationReadings) {
  Gpt2ExperimentSpec cell = Cell("sgd", 7);
  ClearDropout(&cell);
  const Gpt2Run whole = Train(cell, 0.1);
  // By tokens, micro-batches do not show but in the last bits.
  cell.mutable_protocol()->set_micro_batch_size(2);
  const Gpt2Run by_tokens = Train(cell, 0.1);
  // By means, they do, where they hold different numbers of tokens.
  cell.mutable_protocol()->set_accumulation(
      Gpt2Protocol::MEAN_OF_MICRO_BATCHES);
  const Gpt2Run by_means = Train(cell, 0.1);
  // One micro-batch a step is the whole step.
  cell.mutable_protocol()->set_micro_batch_size(7);
  const Gpt2Run one = Train(cell, 0.1);
  for (int t = 0; t < whole.loss_size(); ++t) {
    EXPECT_NEAR(by_tokens.loss(t), whole.loss(t), 1e-5);
    EXPECT_NEAR(one.loss(t), whole.loss(t), 1e-5);
  }
  EXPECT_GT(std::fabs(by_means.loss(0) - whole.loss(0)), 1e-4);
}

TEST(RunTrainer, TokensPerPassShowOnlyInTheLastBits) {
  Gpt2ExperimentSpec cell = Cell("adagrad", 7);
  const Gpt2Run whole = Train(cell, 0.1);
  cell.mutable_protocol()->set_tokens_per_pass(1);
  const Gpt2Run single = Train(cell, 0.1);
  for (int t = 0; t < whole.loss_size(); ++t) {
    EXPECT_NEAR(single.loss(t), whole.loss(t), 1e-3);
  }
}

// No token attends to padding, and padding has no target.
TEST(RunTrainer, PaddedAndPackedHaveTheSameLosses) {
  Gpt2ExperimentSpec cell = Cell("sgd", 7);
  ClearDropout(&cell);
  const Gpt2Run packed = Train(cell, 0.1);
  for (const auto mode :
       {Gpt2Protocol::PADDED, Gpt2Protocol::PADDED_TO_LONGEST}) {
    cell.mutable_protocol()->set_sequence_mode(mode);
    const Gpt2Run padded = Train(cell, 0.1);
    EXPECT_EQ(packed.tokens(), padded.tokens());
    for (int t = 0; t < packed.loss_size(); ++t) {
      EXPECT_NEAR(padded.loss(t), packed.loss(t), 1e-5);
      EXPECT_NEAR(padded.gradient_norm(t), packed.gradient_norm(t), 1e-4);
    }
  }
}

// M / k: as a cell of that batch size trains.
TEST(RunTrainer, ADividedBatchIsASmallerOne) {
  Gpt2ExperimentSpec divided = Cell("sgd", 16);
  divided.mutable_protocol()->set_batch_divisor(4);
  const Gpt2Run run = Train(divided, 0.1);
  EXPECT_EQ(run.steps_per_epoch(), 6);
  EXPECT_EQ(SerializeDeterministically(run),
            SerializeDeterministically(Train(Cell("sgd", 4), 0.1)));
}

class EveryRule : public testing::TestWithParam<const char*> {};

TEST_P(EveryRule, LowersTheLoss) {
  Gpt2ExperimentSpec cell = Cell(GetParam(), 4);
  cell.mutable_protocol()->set_epochs(20);
  const Gpt2Run run = Train(cell, GetParam() == std::string("sgd") ? 1.0 : 0.1);
  ASSERT_EQ(run.outcome(), Run::CONVERGED);
  double last = 0.0;
  for (int k = 1; k <= 6; ++k) last += run.loss(run.loss_size() - k) / 6;
  // From about ln 13 = 2.56.
  EXPECT_NEAR(run.loss(0), 2.56, 0.3);
  EXPECT_LT(last, 2.31);
}

TEST_P(EveryRule, GivesTheSameBytesOnAnyNumberOfThreads) {
  const Gpt2ExperimentSpec cell = Cell(GetParam(), 7);
  const std::string once = SerializeDeterministically(Train(cell, 0.1));
  EXPECT_EQ(once, SerializeDeterministically(Train(cell, 0.1)));
  EXPECT_EQ(once, SerializeDeterministically(Train(cell, 0.1, 2)));
  EXPECT_EQ(once, SerializeDeterministically(Train(cell, 0.1, 3)));
}

INSTANTIATE_TEST_SUITE_P(Rules, EveryRule,
                         testing::Values("sgd", "adagrad", "adagrad_norm",
                                         "adam"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

}  // namespace
}  // namespace anisograd
