#ifndef OPTIM_VALIDATION_H_
#define OPTIM_VALIDATION_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "optim/optimizer.pb.h"

namespace anisograd {

// Each returns OK, or InvalidArgument "FIELD.PART: reason" for the first bad
// part; `field` is where the message stands in its spec, like "method[0].optimizer".
absl::Status ValidateOptimizer(const OptimizerSpec& optimizer,
                               absl::string_view field);
absl::Status ValidateSchedule(const ScheduleSpec& schedule,
                              absl::string_view field);
absl::Status ValidateProjection(const ProjectionSpec& projection,
                                absl::string_view field);

}  // namespace anisograd

#endif  // OPTIM_VALIDATION_H_
