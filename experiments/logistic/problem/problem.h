#ifndef EXPERIMENTS_LOGISTIC_PROBLEM_PROBLEM_H_
#define EXPERIMENTS_LOGISTIC_PROBLEM_PROBLEM_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/csr.h"

namespace anisograd {

// Unregularised logistic regression, Section 6.1 of the paper:
//
//   f(w) = (1/n) sum_i log(1 + exp(-y_i <x_i, w>)),   y_i in {-1, +1}.
//
// With a bias feature every row gets the constant feature 1 as its last, so w
// has dimension d + 1 and its last coordinate is the bias.
//
// All sums run in row order on one thread, so every value depends on the data
// and the weights alone.
class LogisticProblem {
 public:
  // `data` must outlive the problem, unless the bias feature is added: then the
  // problem holds its own copy. InvalidArgument for an empty data set and
  // for 2^32 non-zeros or more, ResourceExhausted for more features than memory
  // holds.
  static absl::StatusOr<LogisticProblem> Create(CsrView data,
                                                bool bias_feature);

  // Moved spans keep pointing into the moved vectors.
  LogisticProblem(LogisticProblem&&) = default;
  LogisticProblem& operator=(LogisticProblem&&) = default;

  int64_t rows() const { return view_.rows; }
  // d, or d + 1 with the bias feature.
  int64_t dimension() const { return view_.features; }
  int64_t nonzeros() const { return static_cast<int64_t>(view_.index.size()); }
  bool bias_feature() const { return bias_feature_; }
  // The rows, bias included.
  const CsrView& view() const { return view_; }

  // f(w). `weights` has dimension() entries.
  double Loss(absl::Span<const double> weights) const;

  // f(w) and its gradient (1/n) sum_i -y_i sigma(-y_i <x_i, w>) x_i.
  double LossAndGradient(absl::Span<const double> weights,
                         absl::Span<double> gradient) const;

  // min_i y_i <x_i, w>; positive when w separates the classes.
  double SmallestMargin(absl::Span<const double> weights) const;

 private:
  LogisticProblem() = default;

  bool bias_feature_ = false;
  CsrMatrix with_bias_;
  CsrView view_;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_PROBLEM_PROBLEM_H_
