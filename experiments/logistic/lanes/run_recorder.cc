#include "experiments/logistic/lanes/run_recorder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"

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

void RunRecorder::CheckExplosion(const EpochMeasurement& measured,
                                 GridRun* run) const {
  if (run->exploded) return;
  if (measured.explosion_step >= 0) {
    run->explosion_step = measured.explosion_step;
    run->explosion_reason =
        absl::StrCat("a sample's loss exceeded ",
                     options_.protocol.explosion().max_sample_loss());
  } else if (!std::isfinite(run->loss.back()) ||
             !std::isfinite(run->epoch_mean_loss.back())) {
    run->explosion_step = measured.steps;
    run->explosion_reason = "the loss is not finite";
  } else {
    return;
  }
  run->exploded = true;
}

}  // namespace anisograd
