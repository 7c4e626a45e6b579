#ifndef EXPERIMENTS_LOGISTIC_OPTIMUM_GRADIENT_DESCENT_H_
#define EXPERIMENTS_LOGISTIC_OPTIMUM_GRADIENT_DESCENT_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "experiments/logistic/problem/problem.h"

namespace anisograd {

struct GradientDescentOptions {
  // > 0.
  int64_t steps = 0;
  // > 0.
  double learning_rate = 0.0;
  // Called now and then with the number of steps done.
  std::function<void(int64_t)> progress;
  // Use the plain gradient of LogisticProblem throughout. For tests.
  bool plain = false;
};

// Full gradient descent w <- w - learning_rate grad f(w) from w = 0.
//
// The paper's w* is 10^6 such steps, so this is the longest computation of the
// convex half. Where CompressRows (compressed_rows.h) applies, a step costs per
// distinct row one sigmoid and, in each group but the first, one table read and
// one table update; the label part of the gradient is constant and is computed
// once, since with p_i = sigma(<x_i, w>)
//
//   grad f(w) = (1/n) (sum_i count_i p_i x_i - sum_i positive_i x_i).
//
// The bits depend on the data and the options alone.
std::vector<double> RunGradientDescent(const LogisticProblem& problem,
                                       const GradientDescentOptions& options);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_OPTIMUM_GRADIENT_DESCENT_H_
