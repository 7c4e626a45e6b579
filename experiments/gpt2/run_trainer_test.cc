#include "experiments/gpt2/run_trainer.h"

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "experiments/gpt2/tiny_experiment.h"
#include "experiments/spec_parts.h"
#include "gtest/gtest.h"
#include "optim/schedule.h"
#include "tools/base/status_macros.h"

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

// w_1 = w_0 - eta s(0) g min(1, c / |g|), with g from the model itself.
TEST(RunTrainer, TakesTheStepOfItsFormula) {
  Gpt2ExperimentSpec cell = Cell("sgd", 4);
  cell.mutable_protocol()->set_max_gradient_norm(0.5);
  Training training(cell, 0.25);
  const std::vector<float> before = training.Parameters();

  Training twin(cell, 0.25);
  SequenceOrder order(twin.sequences.size(), 4, cell.seed(0),
                      LogisticProtocol::KEEP);
  SequenceBatch sequences;
  for (const int64_t i : order.Step(0)) twin.sequences.Append(i, &sequences);
  TokenBatch batch;
  batch.tokens = sequences.tokens;
  batch.targets = sequences.targets;
  batch.starts = sequences.starts;
  const double count = static_cast<double>(sequences.counted_tokens());
  twin.model->model().ZeroGradients();
  ASSERT_OK_AND_ASSIGN(const LossSum loss,
                       twin.model->model().LossAndGradient(
                           batch, DropoutKey{cell.seed(0), 0}, 1.0 / count));
  std::vector<float> gradient(before.size());
  twin.model->model().GetGradients(absl::MakeSpan(gradient));
  double norm = 0.0;
  for (const float g : gradient) norm += static_cast<double>(g) * g;
  norm = std::sqrt(norm);
  ASSERT_GT(norm, 0.5);

  EXPECT_EQ(training.trainer->learning_rate(), 0.25);
  ASSERT_OK(training.trainer->Step());
  const Gpt2Run& run = training.trainer->run();
  EXPECT_FLOAT_EQ(run.loss(0), static_cast<float>(loss.sum / count));
  EXPECT_FLOAT_EQ(run.gradient_norm(0), static_cast<float>(norm));
  EXPECT_EQ(run.clipped_steps(), 1);
  EXPECT_EQ(run.tokens(), sequences.real_tokens);
  const std::vector<float> after = training.Parameters();
  for (size_t j = 0; j < before.size(); ++j) {
    EXPECT_NEAR(after[j], before[j] - 0.25 * gradient[j] * (0.5 / norm), 1e-6);
  }
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

TEST(RunTrainer, RecordsAnExplosionAndLeavesTheWeights) {
  const Gpt2ExperimentSpec cell = Cell("sgd", 4);
  Training training(cell, 0.1);
  std::vector<float> poisoned = training.Parameters();
  poisoned[0] = std::numeric_limits<float>::quiet_NaN();
  // Token 0 has no finite embedding from now on.
  training.model->model().SetParameters(poisoned);
  const Gpt2Run run = training.Finish();
  EXPECT_EQ(run.outcome(), Run::EXPLODED);
  EXPECT_EQ(run.explosion_step(), run.loss_size() - 1);
  EXPECT_TRUE(absl::StrContains(run.explosion_reason(), "is not finite"))
      << run.explosion_reason();
  const std::vector<float> after = training.Parameters();
  EXPECT_EQ(after[1], poisoned[1]);
}

TEST(RunTrainer, AnAbsurdRateIsAResultNotAnError) {
  Gpt2ExperimentSpec cell = Cell("sgd", 4);
  cell.mutable_protocol()->set_max_gradient_norm(0);
  cell.mutable_protocol()->set_epochs(8);
  const Gpt2Run run = Train(cell, 1e30);
  EXPECT_EQ(run.outcome(), Run::EXPLODED);
  EXPECT_GT(run.explosion_step(), 0);
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
  cell.mutable_protocol()->set_sequence_mode(Gpt2Protocol::PADDED);
  const Gpt2Run padded = Train(cell, 0.1);
  EXPECT_EQ(packed.tokens(), padded.tokens());
  for (int t = 0; t < packed.loss_size(); ++t) {
    EXPECT_NEAR(padded.loss(t), packed.loss(t), 1e-5);
  }
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
