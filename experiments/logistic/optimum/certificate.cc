#include "experiments/logistic/optimum/certificate.h"

#include <cmath>
#include <cstdint>

#include "Eigen/Core"
#include "experiments/logistic/problem/loss_sum.h"
#include "tools/base/scalar_math.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

using Eigen::VectorXd;

// A = diag(y) X as an operator.
class SignedRows {
 public:
  explicit SignedRows(const CsrView& view) : view_(view) {}

  VectorXd Apply(const VectorXd& w) const {
    VectorXd out(view_.rows);
    for (int64_t i = 0; i < view_.rows; ++i) {
      double sum = 0.0;
      for (uint32_t k = view_.row_start[i]; k < view_.row_start[i + 1]; ++k) {
        sum = MulAdd(view_.value[k], w[view_.index[k]], sum);
      }
      out[i] = view_.label[i] * sum;
    }
    return out;
  }

  VectorXd ApplyTransposed(const VectorXd& a) const {
    VectorXd out = VectorXd::Zero(view_.features);
    for (int64_t i = 0; i < view_.rows; ++i) {
      const double scaled = view_.label[i] * a[i];
      for (uint32_t k = view_.row_start[i]; k < view_.row_start[i + 1]; ++k) {
        double& sum = out[view_.index[k]];
        sum = MulAdd(scaled, view_.value[k], sum);
      }
    }
    return out;
  }

 private:
  const CsrView& view_;
};

// h(a) for 0 <= a <= 1, with h(0) = h(1) = 0.
double BinaryEntropy(double a) {
  const double b = 1.0 - a;
  // Log takes normal numbers only; below this the term is below 1e-300.
  constexpr double kTiny = 1e-303;
  return -(a > kTiny ? a * Log(a) : 0.0) - (b > kTiny ? b * Log(b) : 0.0);
}

// Moves a towards A'a = 0: a -= S A u with S = diag(a (1 - a)) at the start and
// A'S A u = A'a, by conjugate gradients.
void Project(const SignedRows& rows, VectorXd* a) {
  constexpr int kIterations = 2000;
  const VectorXd weight = a->array() * (1.0 - a->array());
  VectorXd s = rows.ApplyTransposed(*a);
  VectorXd p = s;
  double gamma = s.squaredNorm();
  // Rounding errors of the sums in A'a.
  const double enough = 1e-30 * static_cast<double>(a->size());
  for (int i = 0; i < kIterations && gamma > enough; ++i) {
    const VectorXd q = rows.Apply(p);
    const VectorXd weighted = weight.cwiseProduct(q);
    const double alpha = gamma / q.dot(weighted);
    if (!std::isfinite(alpha)) return;
    *a -= alpha * weighted;
    s = rows.ApplyTransposed(*a);
    const double next = s.squaredNorm();
    p = s + (next / gamma) * p;
    gamma = next;
  }
}

}  // namespace

std::optional<double> DualLowerBound(const LogisticProblem& problem,
                                     absl::Span<const double> weights) {
  const SignedRows rows(problem.view());
  const Eigen::Map<const VectorXd> w(weights.data(),
                                     static_cast<int64_t>(weights.size()));
  const VectorXd z = rows.Apply(w);
  VectorXd a(z.size());
  for (int64_t i = 0; i < a.size(); ++i) {
    a[i] = LogisticResidual(z[i], ExpNonPositive(-Abs(z[i])));
  }
  Project(rows, &a);
  double sum = 0.0;
  for (int64_t i = 0; i < a.size(); ++i) {
    a[i] = Min(Max(a[i], 0.0), 1.0);
    sum += BinaryEntropy(a[i]);
  }
  const double n = static_cast<double>(problem.rows());
  const double infeasible = rows.ApplyTransposed(a).norm();
  const double bound = sum / n - 10.0 * infeasible * w.norm() / n;
  if (!(bound > 0.0)) return std::nullopt;
  return bound;
}

}  // namespace anisograd
