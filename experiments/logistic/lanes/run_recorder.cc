#include "experiments/logistic/lanes/run_recorder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "experiments/explosion.h"

namespace anisograd {

void RunRecorder::Start(GridRun* run) const {
  run->best_loss = std::numeric_limits<double>::infinity();
  run->max_distance_l2.assign(options_.optima.size(), 0.0);
  run->max_distance_linf.assign(options_.optima.size(), 0.0);
}

bool RunRecorder::RecordEpoch(const EpochMeasurement& measured,
                              GridRun* run) const {
  run->loss.push_back(measured.loss_sum / rows_);
  if (measured.epoch == 0) return false;
  run->epoch_mean_loss.push_back(measured.drawn_loss_sum /
                                 static_cast<double>(measured.samples));
  CheckExplosion(measured, run);
  if (!(run->loss.back() < run->best_loss)) return false;
  run->best_loss = run->loss.back();
  run->best_epoch = measured.epoch;
  return true;
}

void RunRecorder::RecordDistance(int64_t optimum, double l2, double linf,
                                 GridRun* run) {
  double& max_l2 = run->max_distance_l2[optimum];
  double& max_linf = run->max_distance_linf[optimum];
  max_l2 = std::max(max_l2, l2);
  max_linf = std::max(max_linf, linf);
}

void RunRecorder::RecordStepDistance(int64_t optimum, double l2, double linf,
                                     GridRun* run) const {
  run->max_step_distance_l2.resize(options_.optima.size());
  run->max_step_distance_linf.resize(options_.optima.size());
  run->max_step_distance_l2[optimum] = l2;
  run->max_step_distance_linf[optimum] = linf;
}

void RunRecorder::RecordEvaluation(double loss_sum, GridRun* run) const {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  // NaN is not below anything.
  const double lowest = run->lowest_loss.value_or(kNone);
  const double loss = loss_sum / rows_;
  run->lowest_loss = loss < lowest ? loss : lowest;
}

void RunRecorder::CheckExplosion(const EpochMeasurement& measured,
                                 GridRun* run) const {
  if (run->exploded) return;
  if (measured.explosion_step >= 0) {
    run->explosion_step = measured.explosion_step;
    run->explosion_reason =
        absl::StrCat("a sample's loss exceeded ",
                     options_.protocol.explosion().max_sample_loss());
  } else {
    const absl::string_view reason =
        ExplosionOfLastEpoch(run->loss, run->epoch_mean_loss,
                             !options_.protocol.has_explosion());
    if (reason.empty()) return;
    run->explosion_step = measured.steps;
    run->explosion_reason = std::string(reason);
  }
  run->exploded = true;
}

}  // namespace anisograd
