#include "tools/base/eigenvalues.h"

#include "Eigen/Eigenvalues"

namespace anisograd {

using Solver = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>;

Eigen::VectorXd SymmetricEigenvalues(const Eigen::MatrixXd& symmetric) {
  return Solver(symmetric, Eigen::EigenvaluesOnly).eigenvalues();
}

Eigensystem TridiagonalEigensystem(const Eigen::VectorXd& diagonal,
                                   const Eigen::VectorXd& beside) {
  Solver solver;
  solver.computeFromTridiagonal(diagonal, beside);
  return {solver.eigenvalues(), solver.eigenvectors()};
}

}  // namespace anisograd
