#include "analysis/gradient_noise.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "analysis/gram.h"

namespace anisograd {
namespace {

using Eigen::VectorXd;

// Calls visit(i, j, x_ij) for all non-zeros, in row order.
template <typename Visit>
void ForEach(const CsrView& view, Visit visit) {
  for (int64_t i = 0; i < view.rows; ++i) {
    for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
      visit(i, view.index[k], view.value[k]);
    }
  }
}

// Mean and mean square of the samples' gradients.
struct Moments {
  VectorXd mean, square;
};

Moments ComputeMoments(const LogisticProblem& problem,
                       absl::Span<const double> w) {
  const CsrView& view = problem.view();
  const std::vector<double> residuals = Residuals(problem, w);
  Moments moments = {VectorXd::Zero(view.features),
                     VectorXd::Zero(view.features)};
  ForEach(view, [&](int64_t i, uint32_t j, double x) {
    const double g = -residuals[i] * view.label[i] * x;
    moments.mean[j] += g;
    moments.square[j] += g * g;
  });
  const double n = static_cast<double>(view.rows);
  moments.mean /= n;
  moments.square /= n;
  return moments;
}

// The least of (1/n) sum_i max(0, a_i^2 - 2 t a_i) + t^2 for all columns at once.
VectorXd LeastVariance(const CsrView& view) {
  const double n = static_cast<double>(view.rows);
  // The minimum is where t = (1/n) sum of the a_i with a_i^2 > 2 t a_i, which
  // falls in t: between the means of the negative and of the positive a_i.
  VectorXd low = VectorXd::Zero(view.features), high = low;
  ForEach(view, [&](int64_t i, uint32_t j, double x) {
    const double a = view.label[i] * x;
    (a < 0.0 ? low : high)[j] += a / n;
  });
  VectorXd t(view.features), sum(view.features);
  for (int step = 0; step < 64; ++step) {
    t = 0.5 * (low + high);
    sum.setZero();
    ForEach(view, [&](int64_t i, uint32_t j, double x) {
      const double a = view.label[i] * x;
      if (a * (a - 2.0 * t[j]) > 0.0) sum[j] += a / n;
    });
    for (int64_t j = 0; j < view.features; ++j) {
      (sum[j] > t[j] ? low : high)[j] = t[j];
    }
  }
  VectorXd out = t.cwiseProduct(t);
  ForEach(view, [&](int64_t i, uint32_t j, double x) {
    const double a = view.label[i] * x;
    out[j] += std::max(0.0, a * (a - 2.0 * t[j])) / n;
  });
  return out;
}

}  // namespace

GradientNoise NoiseAt(const LogisticProblem& problem,
                      absl::Span<const double> w) {
  const Moments moments = ComputeMoments(problem, w);
  return {(moments.square - moments.mean.cwiseAbs2()).cwiseMax(0.0).cwiseSqrt()};
}

UniversalNoise ComputeUniversalNoise(const LogisticProblem& problem) {
  return {{Gram(problem.view()).Diagonal().cwiseSqrt()},
          {LeastVariance(problem.view()).cwiseSqrt()}};
}

NoiseAtOptimum ComputeNoiseAtOptimum(const LogisticProblem& problem,
                                     absl::Span<const double> w, double gap) {
  const CsrView& view = problem.view();
  VectorXd largest = VectorXd::Zero(view.features);
  VectorXd row_norm = VectorXd::Zero(view.rows);
  ForEach(view, [&](int64_t i, uint32_t j, double x) {
    largest[j] = std::max(largest[j], std::fabs(x));
    row_norm[i] += x * x;
  });
  const double root = std::sqrt(std::max(gap, 0.0) / 2.0);
  return {{ComputeMoments(problem, w).square.cwiseSqrt()},
          largest * root, largest.sum() * root,
          std::sqrt(row_norm.maxCoeff()) * root};
}

}  // namespace anisograd
