#ifndef EXPERIMENTS_LOGISTIC_OPTIMUM_CERTIFICATE_H_
#define EXPERIMENTS_LOGISTIC_OPTIMUM_CERTIFICATE_H_

#include <optional>

#include "absl/types/span.h"
#include "experiments/logistic/problem/problem.h"

namespace anisograd {

// A lower bound on inf f by duality. With h(a) = -a log a - (1 - a) log(1 - a),
//
//   inf_w f(w) = max { (1/n) sum_i h(a_i) : sum_i a_i y_i x_i = 0,
//                                          0 <= a_i <= 1 },
//
// so every feasible a gives a bound. At a minimum a_i = sigma(-y_i <x_i, w>) is
// feasible; near one it is made feasible by the change a_i (1 - a_i) u_i with
// the smallest weighted norm of u, found by preconditioned conjugate gradients, or,
// where these fail by rounding, by the preconditioner alone, and cut to [0, 1].
// Columns are those of column_scales.h, so the bound does not depend on the data's
// units.
//
// What is left of the constraint, r = sum_i a_i y_i x_i, is paid for by
// subtracting 10 |r|_2 |w|_2 / n, which covers every point within ten times the
// norm of `weights`; and it must be as small as rounding the data would make it,
// |r|_2 <= 1e-12 |sum_i a_i |x_i||_2: a is then feasible for data that differ
// from these by that much, and its bound holds for them without any ball.
//
// nullopt where a cannot be made as feasible as that, or the bound is not
// positive and so says nothing: the weights are too far from a minimum, or there
// is none.
std::optional<double> DualLowerBound(const LogisticProblem& problem,
                                     absl::Span<const double> weights);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_OPTIMUM_CERTIFICATE_H_
