#include "experiments/gpt2/train/training_progress.h"

#include <chrono>
#include <string>

#include "absl/strings/str_format.h"
#include "experiments/gpt2/net/flops.h"
#include "experiments/gpt2/spec/experiment_spec.h"
#include "tools/base/time_left.h"

namespace anisograd {
namespace {

double SecondsNow() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::string TrainingProgressLine(const Gpt2ExperimentSpec& cell,
                                 const RunTrainer& trainer, int run, int runs,
                                 const TrainingClock& clock,
                                 double peak_flops_per_second) {
  const Gpt2Run& log = trainer.run();
  const double steps =
      static_cast<double>(trainer.steps_done() - clock.first_step);
  const double tokens = static_cast<double>(log.tokens() - clock.first_token);
  const double sequence =
      static_cast<double>(log.tokens()) /
      static_cast<double>(trainer.steps_done() * SequencesPerStep(cell));
  const double flops =
      tokens * Gpt2TrainingFlopsPerToken(cell.model(), sequence);
  const double steps_left =
      static_cast<double>(trainer.total_steps() - trainer.steps_done() +
                          (runs - 1 - run) * trainer.total_steps());
  const int last = log.loss_size() - 1;
  const double rate = flops / clock.seconds;
  const std::string share =
      peak_flops_per_second > 0.0
          ? absl::StrFormat("%.0f %% of peak",
                            100.0 * rate / peak_flops_per_second)
          : absl::StrFormat("%.3g TFLOP/s", 1e-12 * rate);
  return absl::StrFormat(
      "%s %s M=%d, run %d/%d, step %d/%d: loss %.4f, rate %.2e, |g| %.3g, "
      "%.0f tokens/s, %s%s",
      cell.name(), cell.method(0).name(), cell.batch_size(0), run + 1, runs,
      trainer.steps_done(), trainer.total_steps(), log.loss(last),
      trainer.learning_rate(), log.gradient_norm(log.gradient_norm_size() - 1),
      tokens / clock.seconds, share,
      TimeLeft(clock.seconds, steps / (steps + steps_left)));
}

TrainingProgress::TrainingProgress(const Gpt2ExperimentSpec& cell,
                                   TrainableModel* model)
    : cell_(cell) {
  if (line_.visible()) peak_flops_per_second_ = model->MeasurePeakRate();
}

void TrainingProgress::Show(const RunTrainer& trainer, int run, int runs) {
  const double now = SecondsNow();
  if (run != run_) {
    // The first step of a run, or of what is left of it, starts the clock.
    run_ = run;
    start_seconds_ = now;
    clock_.first_step = trainer.steps_done();
    clock_.first_token = trainer.run().tokens();
    return;
  }
  clock_.seconds = now - start_seconds_;
  line_.Show(TrainingProgressLine(cell_, trainer, run, runs, clock_,
                                  peak_flops_per_second_));
}

}  // namespace anisograd
