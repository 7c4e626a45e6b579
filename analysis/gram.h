#ifndef ANALYSIS_GRAM_H_
#define ANALYSIS_GRAM_H_

#include <cstdint>
#include <vector>

#include "Eigen/Core"
#include "absl/types/span.h"
#include "data/csr.h"
#include "experiments/logistic/problem/problem.h"

namespace anisograd {

// The d x d matrix H = (1/n) sum_i c_i x_i x_i' with weights c_i >= 0, without
// forming it. All c_i = 1 gives the H = X'X / n of the paper's tables, and
// c_i = p_i (1 - p_i) the Hessian of f (LogisticWeights). All sums run in row
// order.
class Gram {
 public:
  // c_i = 1. `view` must outlive the object.
  explicit Gram(const CsrView& view);
  // One weight a row.
  Gram(const CsrView& view, std::vector<double> weights);

  const CsrView& view() const { return view_; }
  int64_t dimension() const { return view_.features; }
  double weight(int64_t row) const { return weights_[row]; }

  // H v; O(non-zeros).
  Eigen::VectorXd Apply(const Eigen::VectorXd& v) const;
  // H_jj, and their sum.
  Eigen::VectorXd Diagonal() const;
  double Trace() const;

  // No value of X is negative, so that no H_jk is.
  bool non_negative() const { return non_negative_; }

  // H itself, and the operations that takes: sum_i k_i^2 for rows of k_i
  // non-zeros.
  Eigen::MatrixXd Dense() const;
  double DenseCost() const;

 private:
  CsrView view_;
  std::vector<double> weights_;
  bool non_negative_;
};

// p_i (1 - p_i), p_i = sigma(<x_i, w>): at most 1/4, which it is at w = 0.
std::vector<double> LogisticWeights(const LogisticProblem& problem,
                                    absl::Span<const double> w);

// sigma(-y_i <x_i, w>): the gradient of sample i is -y_i times this times x_i.
std::vector<double> Residuals(const LogisticProblem& problem,
                              absl::Span<const double> w);

}  // namespace anisograd

#endif  // ANALYSIS_GRAM_H_
