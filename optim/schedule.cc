#include "optim/schedule.h"

#include <algorithm>
#include <cmath>

namespace anisograd {

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
      constexpr double kPi = 3.14159265358979323846;
      const double progress =
          std::min(1.0, static_cast<double>(step - warmup) /
                            static_cast<double>(
                                std::max<int64_t>(1, total_steps - warmup)));
      return std::max(0.0, 0.5 * (1.0 + std::cos(kPi * progress)));
    }
    default:
      return 1.0;
  }
}

}  // namespace anisograd
