#ifndef EXPERIMENTS_LOGISTIC_OPTIMUM_OPTIMUM_QUALITY_H_
#define EXPERIMENTS_LOGISTIC_OPTIMUM_OPTIMUM_QUALITY_H_

#include <string>

#include "experiments/result.pb.h"

namespace anisograd {

// f(w*) counts as inf f where the duality gap f(w*) - lower_bound is at most this
// share of f(w*).
inline constexpr double kMostRelativeGap = 1e-8;

// Whether inf f is known from `optimum`: a gap as small as that, or separable
// data, for which it is 0. Else f(w*) is only an upper bound.
bool IsInfimumKnown(const OptimumResult& optimum);

// What is known of f(w*), its gradient's norm and the gap, in one line. Say it
// wherever something is compared with an optimum.
std::string DescribeOptimum(const OptimumResult& optimum);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_OPTIMUM_OPTIMUM_QUALITY_H_
