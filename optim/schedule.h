#ifndef OPTIM_SCHEDULE_H_
#define OPTIM_SCHEDULE_H_

#include <cstdint>

#include "optim/optimizer.pb.h"

namespace anisograd {

// eta_t / eta at step t (from 0) of `total_steps`; see ScheduleSpec for the
// formulas. COSINE at and beyond t = total_steps is 0.
double ScheduleFactor(const ScheduleSpec& schedule, int64_t step,
                      int64_t total_steps);

}  // namespace anisograd

#endif  // OPTIM_SCHEDULE_H_
