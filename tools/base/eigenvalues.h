#ifndef TOOLS_BASE_EIGENVALUES_H_
#define TOOLS_BASE_EIGENVALUES_H_

#include "Eigen/Core"

namespace anisograd {

// Eigen's solver of symmetric eigenvalue problems (Householder's tridiagonal form,
// then implicit QR with Wilkinson's shift; O(n^3)): compiled once, for its templates
// take longer than most files, and in the one way that gives the same bits from
// every compiler. All numbers must be finite.

// The eigenvalues of a symmetric matrix in ascending order. Only the lower triangle
// is read.
Eigen::VectorXd SymmetricEigenvalues(const Eigen::MatrixXd& symmetric);

struct Eigensystem {
  // Ascending.
  Eigen::VectorXd values;
  // Column i belongs to values[i]; orthonormal.
  Eigen::MatrixXd vectors;
};

// Of the symmetric tridiagonal matrix with this diagonal of n and these n - 1
// numbers beside it.
Eigensystem TridiagonalEigensystem(const Eigen::VectorXd& diagonal,
                                   const Eigen::VectorXd& beside);

}  // namespace anisograd

#endif  // TOOLS_BASE_EIGENVALUES_H_
