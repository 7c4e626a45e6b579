#ifndef ANALYSIS_SMOOTHNESS_H_
#define ANALYSIS_SMOOTHNESS_H_

#include "experiments/logistic/problem/problem.h"
#include "experiments/result.pb.h"

namespace anisograd {

// Constants of Assumptions 3.3 and 3.5 that the data alone determine, for
// H = X'X / n with the problem's bias feature:
//
//   smoothness_l1    tr H, the paper's |L|_1
//   smoothness_linf  largest eigenvalue of H, the paper's L_inf; by power
//                    iteration from the vector of ones to a relative residual
//                    |H v - lambda v|_2 / lambda <= 1e-6 (the paper: 10
//                    iterations, "desired precisions 1e-5")
//   noise_l1, l2     norms of sigma, sigma_j^2 = Var_i of coordinate j of the
//                    gradient of one sample's loss at w = 0
//
// f is logistic, so its own smoothness is at most a quarter of these; the
// paper's tables leave the quarter out, and so does this.
//
// Leaves dataset and target of the result to the caller.
ConstantsResult ComputeConstants(const LogisticProblem& problem);

}  // namespace anisograd

#endif  // ANALYSIS_SMOOTHNESS_H_
