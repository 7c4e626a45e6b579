#include "optim/rule.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace anisograd {

absl::Status BadConstant(absl::string_view field, absl::string_view part,
                         absl::string_view reason, double got) {
  return absl::InvalidArgumentError(
      absl::StrCat(field, ".", part, ": ", reason, ", got ", got));
}

absl::Status CheckPositive(absl::string_view field, absl::string_view part,
                           double x) {
  const float single = static_cast<float>(x);
  if (std::isfinite(single) && single > 0.0f) return absl::OkStatus();
  return BadConstant(field, part,
                     "must be positive and finite, in single precision too", x);
}

absl::Status CheckBelowOne(absl::string_view field, absl::string_view part,
                           double x) {
  if (static_cast<float>(x) < 1.0f) return absl::OkStatus();
  return BadConstant(field, part, "must be below 1, in single precision too",
                     x);
}

}  // namespace anisograd
