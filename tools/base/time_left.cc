#include "tools/base/time_left.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace anisograd {

std::string TimeLeft(double seconds, double share) {
  if (!(share > 0.0)) return "";
  const absl::Duration left = absl::Seconds(seconds * (1.0 / share - 1.0));
  return absl::StrCat(", about ",
                      absl::FormatDuration(absl::Ceil(left, absl::Seconds(1))),
                      " left");
}

}  // namespace anisograd
