#include "experiments/logistic/optimum/certificate.h"

#include <cmath>
#include <cstdint>

#include "Eigen/Cholesky"
#include "Eigen/Core"
#include "experiments/logistic/optimum/column_scales.h"
#include "experiments/logistic/optimum/scaled_hessian.h"
#include "experiments/logistic/problem/loss_sum.h"
#include "tools/base/scalar_math.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

using Eigen::VectorXd;

// A = diag(y) X D as an operator, D the inverse column scales.
class SignedRows {
 public:
  SignedRows(const CsrView& view, const VectorXd& inverse_scale)
      : view_(view), inverse_scale_(inverse_scale) {}

  VectorXd Apply(const VectorXd& u) const {
    const VectorXd w = u.cwiseProduct(inverse_scale_);
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
    return Fold(a, [&](int64_t i, double x) { return view_.label[i] * x; });
  }

  // |A|'a, entry by entry: what the sums of A'a are made of.
  VectorXd ApplyAbsoluteTransposed(const VectorXd& a) const {
    return Fold(a, [](int64_t, double x) { return Abs(x); });
  }

  // diag(A' diag(weight) A).
  VectorXd SquaredColumns(const VectorXd& weight) const {
    return Fold(weight, [](int64_t, double x) { return x * x; });
  }

 private:
  // sum_i a_i entry(i, x_ij) for every j, x scaled.
  template <typename Entry>
  VectorXd Fold(const VectorXd& a, Entry entry) const {
    VectorXd out = VectorXd::Zero(view_.features);
    for (int64_t i = 0; i < view_.rows; ++i) {
      for (uint32_t k = view_.row_start[i]; k < view_.row_start[i + 1]; ++k) {
        const uint32_t j = view_.index[k];
        const double x = view_.value[k] * inverse_scale_[j];
        out[j] = MulAdd(a[i], entry(i, x), out[j]);
      }
    }
    return out;
  }

  const CsrView& view_;
  const VectorXd& inverse_scale_;
};

// h(a) for 0 <= a <= 1, with h(0) = h(1) = 0.
double BinaryEntropy(double a) {
  const double b = 1.0 - a;
  // Log takes normal numbers only; below this the term is below 1e-300.
  constexpr double kTiny = 1e-303;
  return -(a > kTiny ? a * Log(a) : 0.0) - (b > kTiny ? b * Log(b) : 0.0);
}

constexpr int kIterations = 2000;

// Whether the dense A'SA and its factor cost no more than kIterations products
// with it.
bool IsDenseCheap(const LogisticProblem& problem) {
  const double d = static_cast<double>(problem.dimension());
  double work = d * d * d / 3.0;
  const CsrView& view = problem.view();
  for (int64_t i = 0; i < view.rows; ++i) {
    const double k = view.row_start[i + 1] - view.row_start[i];
    work += 0.5 * k * k;
  }
  return problem.dimension() <= kMostDenseDimensions &&
         work <= 4.0 * kIterations * static_cast<double>(problem.nonzeros());
}

// Nearly the inverse of A'SA / n, S = diag(weight): that of its diagonal, or,
// where it is cheap, of all of it with a ridge.
class Preconditioner {
 public:
  Preconditioner(const LogisticProblem& problem,
                 absl::Span<const double> weights, const SignedRows& rows,
                 const VectorXd& inverse_scale, const VectorXd& weight)
      : root_(rows.SquaredColumns(weight)) {
    for (double& x : root_) {
      x = x > 0.0 ? std::sqrt(static_cast<double>(problem.rows()) / x) : 1.0;
    }
    if (!IsDenseCheap(problem)) return;
    // To a diagonal of ones, so that the ridge is small in every direction.
    constexpr double kRidge = 1e-13;
    Eigen::MatrixXd hessian = root_.asDiagonal() *
                              ScaledHessian(problem, weights, inverse_scale) *
                              root_.asDiagonal();
    hessian.diagonal().array() += kRidge;
    factor_.emplace(hessian.selfadjointView<Eigen::Lower>().ldlt());
  }

  // Whether it is the inverse but for the ridge.
  bool exact() const { return factor_.has_value(); }

  VectorXd Apply(const VectorXd& s) const {
    VectorXd v = s.cwiseProduct(root_);
    if (factor_.has_value()) v = factor_->solve(v);
    return v.cwiseProduct(root_);
  }

 private:
  VectorXd root_;
  std::optional<Eigen::LDLT<Eigen::MatrixXd>> factor_;
};

// What |A'a|^2 is by the rounding errors of its sums alone.
double Enough(const VectorXd& a) {
  return 1e-30 * static_cast<double>(a.size());
}

// Moves a towards A'a = 0: a -= S A u with S = diag(weight) and A'S A u = A'a,
// by conjugate gradients, until rounding lets A'a fall no further. Returns what
// is left, |A'a|^2.
double Project(const SignedRows& rows, const VectorXd& weight,
             const Preconditioner& preconditioner, VectorXd* a) {
  constexpr int kPatience = 20;
  VectorXd s = rows.ApplyTransposed(*a);
  VectorXd v = preconditioner.Apply(s);
  VectorXd p = v;
  VectorXd best = *a;
  double gamma = s.dot(v), least = s.squaredNorm();
  const double enough = Enough(*a);
  for (int i = 0, idle = 0;
       i < kIterations && idle < kPatience && least > enough; ++i, ++idle) {
    const VectorXd q = rows.Apply(p);
    const VectorXd weighted = weight.cwiseProduct(q);
    const double alpha = gamma / q.dot(weighted);
    if (!std::isfinite(alpha)) break;
    *a -= alpha * weighted;
    s = rows.ApplyTransposed(*a);
    if (s.squaredNorm() < least) {
      idle = 0;
      least = s.squaredNorm();
      best = *a;
    }
    v = preconditioner.Apply(s);
    const double next = s.dot(v);
    p = v + (next / gamma) * p;
    gamma = next;
  }
  *a = best;
  return least;
}

// The same with the preconditioner as it is, which is nearly exact: a -= S A M A'a
// / n until A'a falls no further. Where columns depend on each other, the roundings
// of A'a along what they have in common are multiplied by the ridge's inverse; A
// makes nothing of that again, but conjugate gradients take their step length from
// it.
void Refine(const SignedRows& rows, const VectorXd& weight,
            const Preconditioner& preconditioner, VectorXd* a) {
  const double n = static_cast<double>(a->size());
  VectorXd s = rows.ApplyTransposed(*a);
  for (double least = s.squaredNorm(); least > Enough(*a);) {
    const VectorXd next =
        *a - weight.cwiseProduct(rows.Apply(preconditioner.Apply(s))) / n;
    s = rows.ApplyTransposed(next);
    if (!(s.squaredNorm() < least)) return;
    least = s.squaredNorm();
    *a = next;
  }
}

// The bound by `a`, cut to [0, 1], with |w|_2 = `norm` in scaled coordinates.
std::optional<double> BoundOf(const SignedRows& rows, double norm, VectorXd a) {
  double sum = 0.0;
  for (double& x : a) {
    x = Min(Max(x, 0.0), 1.0);
    sum += BinaryEntropy(x);
  }
  const double n = static_cast<double>(a.size());
  const double infeasible = rows.ApplyTransposed(a).norm();
  constexpr double kRounding = 1e-12;
  if (!(infeasible <= kRounding * rows.ApplyAbsoluteTransposed(a).norm())) {
    return std::nullopt;
  }
  const double bound = sum / n - 10.0 * infeasible * norm / n;
  if (!(bound > 0.0)) return std::nullopt;
  return bound;
}

}  // namespace

std::optional<double> DualLowerBound(const LogisticProblem& problem,
                                     absl::Span<const double> weights) {
  const VectorXd inverse_scale = InverseColumnScales(problem.view());
  const SignedRows rows(problem.view(), inverse_scale);
  const VectorXd u =
      Eigen::Map<const VectorXd>(weights.data(),
                                 static_cast<int64_t>(weights.size()))
          .cwiseQuotient(inverse_scale);
  const VectorXd z = rows.Apply(u);
  VectorXd a(z.size()), weight(z.size());
  for (int64_t i = 0; i < a.size(); ++i) {
    const double e = ExpNonPositive(-Abs(z[i]));
    a[i] = LogisticResidual(z[i], e);
    weight[i] = e / ((1.0 + e) * (1.0 + e));
  }
  const Preconditioner preconditioner(problem, weights, rows, inverse_scale,
                                      weight);
  // Fresh directions get below the rounding errors that the old ones gathered.
  constexpr int kMostRestarts = 10;
  VectorXd projected = a;
  double left = Project(rows, weight, preconditioner, &projected);
  for (int i = 0; i < kMostRestarts; ++i) {
    const double before = left;
    left = Project(rows, weight, preconditioner, &projected);
    if (!(left < 0.5 * before)) break;
  }
  const std::optional<double> bound = BoundOf(rows, u.norm(), projected);
  if (bound.has_value() || !preconditioner.exact()) return bound;
  Refine(rows, weight, preconditioner, &a);
  return BoundOf(rows, u.norm(), a);
}

}  // namespace anisograd
