#include "experiments/gpt2/train/training_progress.h"

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "experiments/gpt2/net/flops.h"
#include "experiments/gpt2/train/cpu_trainable_model.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "experiments/spec_parts.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// A tiny cell, and a trainer of its third run of four.
class TrainingProgressLineTest : public testing::Test {
 protected:
  TrainingProgressLineTest()
      : cell_(ExpandCell(TinyFamily(), "adagrad", 7).value()),
        tokens_(TinyTokens()),
        sequences_(
            SequenceSet::Create(tokens_.tokens, cell_.protocol()).value()),
        pool_(1),
        model_(MakeCpuTrainableModel(cell_.model(), &pool_)),
        trainer_(cell_, sequences_, model_.get(), PlannedRun()) {
    EXPECT_OK(model_->Reset(cell_.method(0).optimizer(),
                            InitialParameters(cell_.model())));
  }

  Gpt2Run PlannedRun() const {
    Gpt2Run run;
    run.set_learning_rate(0.5);
    run.mutable_schedule()->set_kind(ScheduleSpec::CONSTANT);
    run.set_seed(3);
    return run;
  }

  const Gpt2ExperimentSpec cell_;
  const TokenFile tokens_;
  const SequenceSet sequences_;
  ThreadPool pool_;
  const std::unique_ptr<TrainableModel> model_;
  RunTrainer trainer_;
};

TEST_F(TrainingProgressLineTest, SaysAllThatAPersonWantsToKnow) {
  ASSERT_OK(trainer_.Step());
  TrainingClock clock;
  clock.first_step = trainer_.steps_done();
  clock.first_token = trainer_.run().tokens();
  ASSERT_OK(trainer_.Step());
  ASSERT_OK(trainer_.Step());
  // 2 of 8 steps in 100 s: 5 more, and 8 of the fourth run, take 650 s.
  clock.seconds = 100.0;
  const Gpt2Run& run = trainer_.run();
  const double tokens = static_cast<double>(run.tokens() - clock.first_token);
  // A tenth of the peak.
  const double peak =
      10.0 * tokens *
      Gpt2TrainingFlopsPerToken(cell_.model(),
                                static_cast<double>(run.tokens()) / (3 * 7)) /
      100.0;
  EXPECT_EQ(
      TrainingProgressLine(cell_, trainer_, 2, 4, clock, peak),
      absl::StrFormat("tiny adagrad M=7, run 3/4, step 3/8: loss %.4f, rate "
                      "5.00e-01, |g| %.3g, %.0f tokens/s, 10 %% of peak, about "
                      "10m50s left",
                      run.loss(2), run.gradient_norm(2), tokens / 100.0));
  // 0.1 TFLOP/s, of a device that does not know its peak.
  const double tera = peak / 1e12;
  clock.seconds *= tera;
  EXPECT_TRUE(
      absl::StrContains(TrainingProgressLine(cell_, trainer_, 2, 4, clock, 0.0),
                        " tokens/s, 0.1 TFLOP/s, "));
}

// No terminal, no line, and no time lost on measuring a peak.
TEST_F(TrainingProgressLineTest, IsSilentInTests) {
  TrainingProgress progress(cell_, model_.get());
  EXPECT_FALSE(progress.visible());
}

}  // namespace
}  // namespace anisograd
