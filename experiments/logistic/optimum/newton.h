#ifndef EXPERIMENTS_LOGISTIC_OPTIMUM_NEWTON_H_
#define EXPERIMENTS_LOGISTIC_OPTIMUM_NEWTON_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/spec.pb.h"

namespace anisograd {

// What an iterative solver found.
struct Minimum {
  std::vector<double> weights;
  int64_t iterations = 0;
};

// log(2) / n: a mean loss below this leaves no single sample with a loss of
// log 2, so the weights separate the classes, inf f = 0 is not attained, and
// going on would only scale them.
double LossThatSeparates(const LogisticProblem& problem);

// Newton's method with backtracking from w = 0 in the coordinates of
// column_scales.h, until |grad f|_2 in these is at most gradient_tolerance, the
// loss is below LossThatSeparates, or max_iterations.
//
// The Hessian (1/n) sum_i s_i (1 - s_i) x_i x_i' is singular where features are
// collinear, as one-hot groups and the bias are; it gets a ridge of 1e-13 times
// its mean diagonal, far below the curvature of any direction that matters, so
// steps have no component in the null space and w stays the solution that is
// reached from 0. A feature that occurs with one label only sends its weight to
// infinity, by about 1 an iteration while its gradient falls e-fold.
//
// InvalidArgument for more than 4,096 dimensions: the Hessian is dense.
absl::StatusOr<Minimum> MinimizeWithNewton(const LogisticProblem& problem,
                                           const NewtonOptimum& options);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_OPTIMUM_NEWTON_H_
