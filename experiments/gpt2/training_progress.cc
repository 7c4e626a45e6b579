#include "experiments/gpt2/training_progress.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "experiments/gpt2/aligned_buffer.h"
#include "experiments/gpt2/flops.h"
#include "experiments/gpt2/matrix_product.h"

namespace anisograd {
namespace {

double SecondsNow() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// The best of three products of 1,024 x 1,024 matrices.
double MeasurePeak(ThreadPool* pool) {
  constexpr int64_t kSize = 1024;
  AlignedBuffer<float> a(kSize * kSize), b(kSize * kSize), c(kSize * kSize);
  const MatrixView<float> va(a.data(), kSize, kSize);
  const MatrixView<float> vb(b.data(), kSize, kSize);
  const MatrixView<float> vc(c.data(), kSize, kSize);
  double best = 0.0;
  for (int i = 0; i < 3; ++i) {
    const double begin = SecondsNow();
    ParallelMultiply<float>(pool, Op::kAsIs, va, Op::kAsIs, vb,
                            Into::kOverwrite, vc);
    best = std::max(best,
                    2.0 * kSize * kSize * kSize / (SecondsNow() - begin));
  }
  return best;
}

std::string Duration(double seconds) {
  const int64_t s = static_cast<int64_t>(seconds);
  if (s >= 3600) return absl::StrFormat("%dh%02dm", s / 3600, s / 60 % 60);
  return absl::StrFormat("%dm%02ds", s / 60, s % 60);
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
      static_cast<double>(trainer.steps_done() * cell.batch_size(0));
  const double flops =
      tokens * Gpt2TrainingFlopsPerToken(cell.model(), sequence);
  const double left =
      clock.seconds / steps *
      static_cast<double>(trainer.total_steps() - trainer.steps_done() +
                          (runs - 1 - run) * trainer.total_steps());
  const int last = log.loss_size() - 1;
  return absl::StrFormat(
      "%s %s M=%d, run %d/%d, step %d/%d: loss %.4f, rate %.2e, |g| %.3g, "
      "%.0f tokens/s, %.0f %% of peak, %s left",
      cell.name(), cell.method(0).name(), cell.batch_size(0), run + 1, runs,
      trainer.steps_done(), trainer.total_steps(), log.loss(last),
      trainer.learning_rate(), log.gradient_norm(last),
      tokens / clock.seconds,
      100.0 * flops / clock.seconds / peak_flops_per_second, Duration(left));
}

TrainingProgress::TrainingProgress(const Gpt2ExperimentSpec& cell,
                                   ThreadPool* pool)
    : cell_(cell) {
  if (line_.visible()) peak_flops_per_second_ = MeasurePeak(pool);
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
