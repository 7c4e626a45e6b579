#include "experiments/explosion.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace anisograd {
namespace {

// f(0) of logistic regression on any data.
constexpr double kLossOfZeroWeights = 0.69314718055994530942;

}  // namespace

absl::string_view ExplosionOfLastEpoch(absl::Span<const double> loss,
                                       absl::Span<const double> epoch_mean_loss,
                                       bool general) {
  if (loss.size() < 2) return "";
  const double end = loss.back();
  const double mean = epoch_mean_loss.back();
  if (!std::isfinite(end) || !std::isfinite(mean)) {
    return "the loss is not finite";
  }
  if (!general) return "";
  const double limit = std::max(kLossOfZeroWeights, loss.front());
  if (end > limit) return "the loss exceeded that of w = 0 and of w_0";
  if (epoch_mean_loss.size() > 1 && mean > limit) {
    return "an epoch's mean loss exceeded that of w = 0 and of w_0";
  }
  return "";
}

bool ExplodedByGeneralRule(const Run& run) {
  const absl::Span<const double> loss = run.loss();
  const absl::Span<const double> mean = run.epoch_mean_loss();
  for (size_t epoch = 1; epoch < loss.size(); ++epoch) {
    if (!ExplosionOfLastEpoch(loss.subspan(0, epoch + 1),
                              mean.subspan(0, epoch), /*general=*/true)
             .empty()) {
      return true;
    }
  }
  return false;
}

}  // namespace anisograd
