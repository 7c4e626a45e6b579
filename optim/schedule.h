#ifndef OPTIM_SCHEDULE_H_
#define OPTIM_SCHEDULE_H_

#include <cstdint>

#include "optim/optimizer.pb.h"

namespace anisograd {

// eta_t / eta at step t (from 0) of `total_steps`; see ScheduleSpec for the
// formulas. COSINE at and beyond t = total_steps is 0.
double ScheduleFactor(const ScheduleSpec& schedule, int64_t step,
                      int64_t total_steps);

// Whether they are one schedule: there may be two of one kind.
bool SameSchedule(const ScheduleSpec& a, const ScheduleSpec& b);

}  // namespace anisograd

#endif  // OPTIM_SCHEDULE_H_
