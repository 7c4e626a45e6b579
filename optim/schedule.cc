#include "optim/schedule.h"

#include <algorithm>
#include <cmath>

#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

// (1 + cos(pi p)) / 2 = sin^2(pi (1 - p) / 2) = 1 - sin^2(pi p / 2) for p in [0, 1]:
// the one with the smaller angle, so that both ends are exact.
double HalfWave(double p) {
  constexpr double kHalfPi = 1.57079632679489661923;
  const double sine = Sine(kHalfPi * std::min(p, 1.0 - p));
  return p < 0.5 ? 1.0 - sine * sine : sine * sine;
}

}  // namespace

double ScheduleFactor(const ScheduleSpec& schedule, int64_t step,
                      int64_t total_steps) {
  switch (schedule.kind()) {
    case ScheduleSpec::INVERSE_SQUARE_ROOT:
      return 1.0 / std::sqrt(static_cast<double>(step + 1));
    case ScheduleSpec::COSINE: {
      const int64_t warmup = schedule.warmup_steps();
      if (step < warmup) {
        return static_cast<double>(step) / static_cast<double>(warmup);
      }
      return HalfWave(std::min(
          1.0, static_cast<double>(step - warmup) /
                   static_cast<double>(
                       std::max<int64_t>(1, total_steps - warmup))));
    }
    default:
      return 1.0;
  }
}

bool SameSchedule(const ScheduleSpec& a, const ScheduleSpec& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace anisograd
