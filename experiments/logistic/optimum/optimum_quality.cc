#include "experiments/logistic/optimum/optimum_quality.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace anisograd {
namespace {

double Gap(const OptimumResult& optimum) {
  // Rounding may put the bound above.
  return std::max(0.0, optimum.loss() - optimum.lower_bound());
}

}  // namespace

bool IsInfimumKnown(const OptimumResult& optimum) {
  return optimum.certificate() == OptimumResult::SEPARABLE ||
         (optimum.certificate() == OptimumResult::DUALITY_GAP &&
          Gap(optimum) <= kMostRelativeGap * optimum.loss());
}

std::string DescribeOptimum(const OptimumResult& optimum) {
  if (optimum.certificate() == OptimumResult::SEPARABLE) {
    return "The data are separable: inf f = 0, which no w* attains, so there are "
           "no distances to it.";
  }
  const std::string found =
      absl::StrFormat("f(w*) = %.9g, |grad f(w*)|_2 = %.1e", optimum.loss(),
                      optimum.gradient_norm());
  if (optimum.certificate() != OptimumResult::DUALITY_GAP) {
    return absl::StrCat(found,
                        "; NOT CONVERGED: f(w*) is only an upper bound of inf f, "
                        "and no lower bound is known. f - f(w*) is too small, and "
                        "may be negative.");
  }
  if (IsInfimumKnown(optimum)) {
    return absl::StrFormat("%s; at most %.1e above inf f.", found,
                           Gap(optimum));
  }
  return absl::StrFormat(
      "%s; NOT CONVERGED: f(w*) is only an upper bound of inf f >= %.9g. "
      "f - f(w*) is too small by up to %.1e, and may be negative.",
      found, optimum.lower_bound(), Gap(optimum));
}

}  // namespace anisograd
