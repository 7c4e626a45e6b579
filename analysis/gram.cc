#include "analysis/gram.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "experiments/logistic/problem/loss_sum.h"
#include "tools/base/scalar_math.h"
#include "tools/base/vector_math.h"

namespace anisograd {

using Eigen::VectorXd;

Gram::Gram(const CsrView& view)
    : Gram(view, std::vector<double>(view.rows, 1.0)) {}

Gram::Gram(const CsrView& view, std::vector<double> weights)
    : view_(view),
      weights_(std::move(weights)),
      non_negative_(std::none_of(view.value.begin(), view.value.end(),
                                 [](double x) { return x < 0.0; })) {}

VectorXd Gram::Apply(const VectorXd& v) const {
  VectorXd out = VectorXd::Zero(view_.features);
  for (int64_t i = 0; i < view_.rows; ++i) {
    double dot = 0.0;
    for (uint32_t k = view_.row_start[i]; k < view_.row_start[i + 1]; ++k) {
      dot = MulAdd(view_.value[k], v[view_.index[k]], dot);
    }
    dot *= weights_[i];
    for (uint32_t k = view_.row_start[i]; k < view_.row_start[i + 1]; ++k) {
      double& sum = out[view_.index[k]];
      sum = MulAdd(view_.value[k], dot, sum);
    }
  }
  return out / static_cast<double>(view_.rows);
}

VectorXd Gram::Diagonal() const {
  VectorXd out = VectorXd::Zero(view_.features);
  for (int64_t i = 0; i < view_.rows; ++i) {
    for (uint32_t k = view_.row_start[i]; k < view_.row_start[i + 1]; ++k) {
      double& sum = out[view_.index[k]];
      sum = MulAdd(weights_[i] * view_.value[k], view_.value[k], sum);
    }
  }
  return out / static_cast<double>(view_.rows);
}

double Gram::Trace() const {
  double trace = 0.0;
  for (int64_t i = 0; i < view_.rows; ++i) {
    for (uint32_t k = view_.row_start[i]; k < view_.row_start[i + 1]; ++k) {
      trace = MulAdd(weights_[i] * view_.value[k], view_.value[k], trace);
    }
  }
  return trace / static_cast<double>(view_.rows);
}

Eigen::MatrixXd Gram::Dense() const {
  const int64_t d = view_.features;
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(d, d);
  for (int64_t i = 0; i < view_.rows; ++i) {
    for (uint32_t k = view_.row_start[i]; k < view_.row_start[i + 1]; ++k) {
      const double x = weights_[i] * view_.value[k];
      for (uint32_t l = view_.row_start[i]; l < view_.row_start[i + 1]; ++l) {
        out(view_.index[l], view_.index[k]) += x * view_.value[l];
      }
    }
  }
  return out / static_cast<double>(view_.rows);
}

double Gram::DenseCost() const {
  double cost = 0.0;
  for (int64_t i = 0; i < view_.rows; ++i) {
    const double k = view_.row_start[i + 1] - view_.row_start[i];
    cost += k * k;
  }
  return cost;
}

std::vector<double> Residuals(const LogisticProblem& problem,
                              absl::Span<const double> w) {
  const CsrView& view = problem.view();
  std::vector<double> residuals(view.rows);
  for (int64_t i = 0; i < view.rows; ++i) {
    double dot = 0.0;
    for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
      dot = MulAdd(view.value[k], w[view.index[k]], dot);
    }
    const double z = view.label[i] * dot;
    residuals[i] = LogisticResidual(z, ExpNonPositive(-std::fabs(z)));
  }
  return residuals;
}

std::vector<double> LogisticWeights(const LogisticProblem& problem,
                                    absl::Span<const double> w) {
  std::vector<double> weights = Residuals(problem, w);
  for (double& s : weights) s *= 1.0 - s;
  return weights;
}

}  // namespace anisograd
