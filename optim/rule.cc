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
  if (std::isfinite(x) && x > 0.0) return absl::OkStatus();
  return BadConstant(field, part, "must be positive and finite", x);
}

}  // namespace anisograd
