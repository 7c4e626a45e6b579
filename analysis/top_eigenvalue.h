#ifndef ANALYSIS_TOP_EIGENVALUE_H_
#define ANALYSIS_TOP_EIGENVALUE_H_

#include "Eigen/Core"
#include "analysis/gram.h"

namespace anisograd {

// The largest eigenvalue lambda of D H D, D a diagonal matrix, between two
// numbers.
struct TopEigenvalue {
  // A Rayleigh quotient of some vector: at most lambda.
  double lower = 0.0;
  double upper = 0.0;
  enum class Certificate {
    // H is non-negative: for every positive v, lambda <= max_j (Av)_j / v_j
    // (Collatz, Wielandt). Both sides come from power iteration.
    kCollatz,
    // upper I - A has a Cholesky factor, up to its rounding errors.
    kCholesky,
    // A start that was drawn normal: after q steps of Lanczos lambda is above
    // lower / (1 - e) with a probability of at most
    // 1.648 sqrt(d) exp(-sqrt(e) (2 q - 1)) (Kuczynski and Wozniakowski 1992,
    // for positive semidefinite matrices), which is 1e-9 for `upper`. A matrix of
    // so few rows that the steps end before that says something has been seen whole.
    kRandomStart,
  };
  Certificate certificate = Certificate::kCollatz;
  // Products with H.
  int products = 0;
};

// "Collatz", "Cholesky" or "random start, 1 - 1e-9".
const char* CertificateName(TopEigenvalue::Certificate certificate);

// Of A = diag(scale) H diag(scale), scale_j >= 0. Power iteration where no entry
// of H is negative, until both sides agree to `tolerance` relative or 300
// products are spent; else Lanczos with full orthogonalisation from a counter-
// based normal start, at most 200 steps. Costs O(non-zeros) a product, and d q^2
// for q steps of Lanczos; the Cholesky certificate is made where H and its
// factor cost at most 4e9 operations.
TopEigenvalue ComputeTopEigenvalue(const Gram& gram,
                                   const Eigen::VectorXd& scale,
                                   double tolerance = 1e-9);

// Of H.
TopEigenvalue ComputeTopEigenvalue(const Gram& gram);

}  // namespace anisograd

#endif  // ANALYSIS_TOP_EIGENVALUE_H_
