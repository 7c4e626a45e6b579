#include "analysis/top_eigenvalue.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "Eigen/Cholesky"
#include "tools/base/eigenvalues.h"
#include "tools/base/normal.h"
#include "tools/base/random.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMostPowerSteps = 300;
constexpr int kMostLanczosSteps = 200;
constexpr double kMostDenseCost = 4e9;
constexpr double kFailure = 1e-9;

VectorXd ApplyScaled(const Gram& gram, const VectorXd& scale,
                     const VectorXd& v) {
  return scale.cwiseProduct(gram.Apply(scale.cwiseProduct(v)));
}

TopEigenvalue PowerIteration(const Gram& gram, const VectorXd& scale,
                             double tolerance) {
  TopEigenvalue top;
  top.upper = std::numeric_limits<double>::infinity();
  VectorXd v = VectorXd::Ones(gram.dimension()).normalized();
  while (top.products < kMostPowerSteps) {
    const VectorXd image = ApplyScaled(gram, scale, v);
    ++top.products;
    top.lower = std::max(top.lower, v.dot(image) / v.squaredNorm());
    top.upper = std::min(top.upper, image.cwiseQuotient(v).maxCoeff());
    const double norm = image.norm();
    if (!(norm > 0.0) || top.upper <= top.lower * (1.0 + tolerance)) break;
    // Positive, as Collatz asks; a coordinate that H leaves alone stays so.
    v = (image / norm).cwiseMax(1e-200);
  }
  // Rounding may put the two on the wrong sides of lambda.
  top.upper = std::max(top.upper, top.lower);
  return top;
}

// The least multiple of `lower` by 1 + 1e-10 4^k that a factor certifies.
double CholeskyBound(const MatrixXd& matrix, double lower) {
  for (double excess = 1e-10;; excess *= 4.0) {
    const double bound = lower * (1.0 + excess);
    MatrixXd rest = -matrix;
    rest.diagonal().array() += bound;
    if (Eigen::LLT<MatrixXd>(rest).info() == Eigen::Success) return bound;
  }
}

// sqrt(e) of kRandomStart for `upper` after `steps` steps; from 1 on they say
// nothing.
double RootOfExcess(int64_t d, int steps) {
  return Log(1.648 * std::sqrt(static_cast<double>(d)) / kFailure) /
         (2.0 * steps - 1.0);
}

TopEigenvalue Lanczos(const Gram& gram, const VectorXd& scale) {
  const int64_t d = gram.dimension();
  const double cube = static_cast<double>(d) * d * d;
  const bool has_factor = gram.DenseCost() + cube / 3.0 <= kMostDenseCost;
  TopEigenvalue top;
  const int most = static_cast<int>(std::min<int64_t>(d, kMostLanczosSteps));
  MatrixXd basis(d, most);
  VectorXd v(d);
  const RandomStream stream(1, RandomPurpose::kEstimates, 1);
  for (int64_t j = 0; j < d; ++j) v[j] = NormalAt(stream, j);
  v.normalize();
  VectorXd diagonal(most), off(most);
  bool exhausted = false;
  while (top.products < most && !exhausted) {
    const int q = top.products++;
    basis.col(q) = v;
    VectorXd image = ApplyScaled(gram, scale, v);
    diagonal[q] = v.dot(image);
    // Twice is enough (Kahan).
    for (int pass = 0; pass < 2; ++pass) {
      const VectorXd inner = basis.leftCols(q + 1).transpose() * image;
      image -= basis.leftCols(q + 1) * inner;
    }
    off[q] = image.norm();
    const Eigensystem ritz =
        TridiagonalEigensystem(diagonal.head(q + 1), off.head(q));
    top.lower = std::max(ritz.values[q], 0.0);
    const double residual = off[q] * std::fabs(ritz.vectors(q, q));
    // All that the start has a part of, which is every eigenvalue, is in the basis.
    exhausted = !(off[q] > 1e-12 * top.lower);
    if (residual <= 1e-12 * top.lower &&
        (has_factor || RootOfExcess(d, q + 1) < 1.0)) {
      break;
    }
    v = image / off[q];
  }
  if (has_factor) {
    top.certificate = TopEigenvalue::Certificate::kCholesky;
    top.upper =
        top.lower > 0.0
            ? CholeskyBound(scale.asDiagonal() * gram.Dense() *
                                scale.asDiagonal(),
                            top.lower)
            : 0.0;
    return top;
  }
  top.certificate = TopEigenvalue::Certificate::kRandomStart;
  const double root = RootOfExcess(d, top.products);
  // Of fewer rows than the bound takes steps, what is left is a rounding error.
  top.upper = root < 1.0  ? top.lower / (1.0 - root * root)
              : exhausted ? top.lower + off[top.products - 1]
                          : std::numeric_limits<double>::infinity();
  return top;
}

}  // namespace

const char* CertificateName(TopEigenvalue::Certificate certificate) {
  switch (certificate) {
    case TopEigenvalue::Certificate::kCollatz: return "Collatz";
    case TopEigenvalue::Certificate::kCholesky: return "Cholesky";
    case TopEigenvalue::Certificate::kRandomStart:
      return "random start, 1 - 1e-9";
  }
  return "";
}

TopEigenvalue ComputeTopEigenvalue(const Gram& gram, const VectorXd& scale,
                                   double tolerance) {
  return gram.non_negative() ? PowerIteration(gram, scale, tolerance)
                             : Lanczos(gram, scale);
}

TopEigenvalue ComputeTopEigenvalue(const Gram& gram) {
  return ComputeTopEigenvalue(gram, VectorXd::Ones(gram.dimension()));
}

}  // namespace anisograd
