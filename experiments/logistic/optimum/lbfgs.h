#ifndef EXPERIMENTS_LOGISTIC_OPTIMUM_LBFGS_H_
#define EXPERIMENTS_LOGISTIC_OPTIMUM_LBFGS_H_

#include <cstdint>
#include <functional>

#include "experiments/logistic/optimum/newton.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/spec.pb.h"

namespace anisograd {

// Limited-memory BFGS (Nocedal and Wright 2006, Algorithms 7.4 and 7.5) from
// w = 0 in the coordinates of column_scales.h, with a bisection line search for
// the weak Wolfe conditions. Stops at |grad f|_2 <= gradient_tolerance in these
// coordinates, at max_iterations, where rounding leaves no descent, or with a
// loss below LossThatSeparates.
//
// `progress` is called with the number of iterations done; may be empty.
Minimum MinimizeWithLbfgs(const LogisticProblem& problem,
                          const LbfgsOptimum& options,
                          const std::function<void(int64_t)>& progress);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_OPTIMUM_LBFGS_H_
