#ifndef ANALYSIS_SMOOTHNESS_H_
#define ANALYSIS_SMOOTHNESS_H_

#include "experiments/logistic/problem/problem.h"
#include "experiments/result.pb.h"

namespace anisograd {

// Constants of Assumptions 3.3 and 3.5 that the data alone determine, for
// H = X'X / n with the problem's bias feature:
//
//   smoothness_l1    tr H, the paper's |L|_1
//   smoothness_l1_valid, ..._is_least
//                    |L|_1 of ComputeLeastDiagonal(), and whether that is the
//                    least to 1e-6
//   smoothness_linf  largest eigenvalue of H, the paper's L_inf: the Rayleigh
//                    quotient of ComputeTopEigenvalue(), which certifies it to
//                    eigenvalue_residual, of a4a 2e-7 (the paper, on its
//                    large sets: 10 power iterations, "desired precisions
//                    1e-5")
//   noise_l1, l2     norms of a sigma that bounds the noise of one sample's
//                    gradient at every w, as Assumption 3.5 asks:
//                    ComputeUniversalNoise()
//
// f is logistic, so its Hessian is at most H / 4; the paper's tables leave the
// quarter out, and so does this. From C_bias, a ratio of two of them, it cancels.
//
// The trace is not an |L|_1 that Assumption 3.3 allows. For twice differentiable
// f the assumption is "hessian <= diag(L)" (Section 3); with the vector of signs
// v of any kind, v'Hv <= |L|_1 follows, and so |L|_1 >= 1'H1, which exceeds tr H
// by the sum of all H_jk, j != k: for rows of k ones it is k^2 where the trace is
// k. So diag(L) >= H with tr H holds for diagonal H alone.
//
// Leaves dataset and target of the result to the caller.
ConstantsResult ComputeConstants(const LogisticProblem& problem);

}  // namespace anisograd

#endif  // ANALYSIS_SMOOTHNESS_H_
