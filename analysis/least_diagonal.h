#ifndef ANALYSIS_LEAST_DIAGONAL_H_
#define ANALYSIS_LEAST_DIAGONAL_H_

#include <cmath>
#include <cstdint>
#include <limits>

#include "Eigen/Core"
#include "analysis/gram.h"
#include "analysis/top_eigenvalue.h"

namespace anisograd {

// The least |L|_1 that Assumption 3.3 allows for H (of f: H / 4),
//
//   min { sum_j L_j : diag(L) >= H }
//     = max { <H, Z> : Z >= 0, Z_jj = 1 },
//
// the semidefinite programme that MAXCUT is relaxed to, and its dual. Every
// feasible L and Z enclose the value.
//
// Where no entry of H is negative it has a closed form: L = H1 is feasible, since
// diag(H1) - H is the Laplacian of a graph, and Z = 11' has the same value, 1'H1.
//
// Else by the Mixing method (Wang, Chang and Kolter, "The Mixing method", 2017):
// Z = V'V with unit vectors v_j in R^k, k > sqrt(2 d), so that local maxima are
// global ones (Boumal, Voroninski and Bandeira 2016); a sweep sets every v_j in
// turn to g_j / |g_j|, g_j = sum_{i != j} H_ji v_i, the best there is for the
// others. X V is kept, so that a sweep costs O(non-zeros k) and H is never formed.
// At the optimum diag(L) V = H V, that is L_j = |g_j| + H_jj. Before it such an L
// is not feasible; with M = diag(L)^(-1/2) H diag(L)^(-1/2), L lambda_max(M) is,
// and what it adds is the gap. (Adding lambda_max(H - diag(L)) to every L_j would
// do too, but costs d times that, whatever the scales of the features.)
struct LeastDiagonal {
  // Feasible by `certificate`; 0 for columns of zeros.
  Eigen::VectorXd diagonal;
  // |L|_1, and <H, V'V>, which no feasible L is below.
  double sum = 0.0;
  double lower_bound = 0.0;
  // Whether by closed form; the two then differ by rounding alone.
  bool closed_form = false;
  // Of the Mixing method.
  int rank = 0;
  int sweeps = 0;
  // What says that diag(L) >= H; kCollatz for the closed form, by the vector 1.
  TopEigenvalue::Certificate certificate = TopEigenvalue::Certificate::kCollatz;

  // sum / lower_bound - 1; 0 for H = 0, infinite where the sum is no number.
  double gap() const {
    if (!std::isfinite(sum)) return std::numeric_limits<double>::infinity();
    return sum > 0.0 ? sum / lower_bound - 1.0 : 0.0;
  }
};

struct LeastDiagonalOptions {
  // Sweeps end where gap() is at most this.
  double gap = 1e-7;
  int max_sweeps = 2048;
  // Multiplications that all sweeps together may take; 8 sweeps are always made.
  double budget = 2e10;
  // Bytes that X V may have; k is less than sqrt(2 d) where it must be, which only
  // the gap knows.
  double memory = 1e9;
  // Of the start, counter-based; the value does not depend on it beyond the gap.
  uint64_t seed = 1;
  // The Mixing method where there is a closed form, too: for tests.
  bool always_mix = false;
};

LeastDiagonal ComputeLeastDiagonal(const Gram& gram,
                                   const LeastDiagonalOptions& options = {});

}  // namespace anisograd

#endif  // ANALYSIS_LEAST_DIAGONAL_H_
