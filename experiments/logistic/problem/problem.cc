#include "experiments/logistic/problem/problem.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/logistic/problem/loss_sum.h"
#include "tools/base/memory.h"
#include "tools/base/scalar_math.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

CsrMatrix AppendBias(const CsrView& data) {
  CsrMatrix out;
  out.features = data.features + 1;
  out.row_start.reserve(data.rows + 1);
  out.index.reserve(data.index.size() + data.rows);
  out.value.reserve(data.value.size() + data.rows);
  out.label.assign(data.label.begin(), data.label.end());
  out.row_start.push_back(0);
  for (int64_t i = 0; i < data.rows; ++i) {
    for (uint32_t k = data.row_start[i]; k < data.row_start[i + 1]; ++k) {
      out.index.push_back(data.index[k]);
      out.value.push_back(data.value[k]);
    }
    out.index.push_back(static_cast<uint32_t>(data.features));
    out.value.push_back(1.0);
    out.row_start.push_back(static_cast<uint32_t>(out.index.size()));
  }
  return out;
}

double Dot(const CsrView& view, int64_t row, absl::Span<const double> w) {
  double sum = 0.0;
  for (uint32_t k = view.row_start[row]; k < view.row_start[row + 1]; ++k) {
    sum = MulAdd(view.value[k], w[view.index[k]], sum);
  }
  return sum;
}

}  // namespace

absl::StatusOr<LogisticProblem> LogisticProblem::Create(CsrView data,
                                                        bool bias_feature) {
  if (data.rows == 0) {
    return absl::InvalidArgumentError("the data set has no rows");
  }
  // What every program of ours keeps of a dimension at the least: weights and
  // gradients of four lanes, and when they were touched.
  constexpr int64_t kBytesPerDimension = 72;
  RETURN_IF_ERROR(
      CheckMemory(data.features * kBytesPerDimension,
                  absl::StrCat("features: ", data.features)));
  LogisticProblem problem;
  problem.bias_feature_ = bias_feature;
  if (bias_feature) {
    if (data.index.size() + data.rows > std::numeric_limits<uint32_t>::max()) {
      return absl::InvalidArgumentError(
          "the data set with its bias feature has 2^32 non-zeros or more");
    }
    problem.with_bias_ = AppendBias(data);
    problem.view_ = problem.with_bias_.view();
  } else {
    problem.view_ = data;
  }
  return problem;
}

double LogisticProblem::Loss(absl::Span<const double> weights) const {
  LossSum<double> sum;
  for (int64_t i = 0; i < view_.rows; ++i) {
    sum.Add(view_.label[i] * Dot(view_, i, weights));
  }
  return sum.Total() / static_cast<double>(view_.rows);
}

double LogisticProblem::LossAndGradient(absl::Span<const double> weights,
                                        absl::Span<double> gradient) const {
  std::fill(gradient.begin(), gradient.end(), 0.0);
  LossSum<double> sum;
  for (int64_t i = 0; i < view_.rows; ++i) {
    const double y = view_.label[i];
    const double z = y * Dot(view_, i, weights);
    const double residual = LogisticResidual(z, sum.Add(z));
    for (uint32_t k = view_.row_start[i]; k < view_.row_start[i + 1]; ++k) {
      double& g = gradient[view_.index[k]];
      g = MulAdd(-y * residual, view_.value[k], g);
    }
  }
  const double n = static_cast<double>(view_.rows);
  for (double& g : gradient) g /= n;
  return sum.Total() / n;
}

double LogisticProblem::SmallestMargin(
    absl::Span<const double> weights) const {
  double smallest = std::numeric_limits<double>::infinity();
  for (int64_t i = 0; i < view_.rows; ++i) {
    smallest = std::min(smallest, view_.label[i] * Dot(view_, i, weights));
  }
  return smallest;
}

}  // namespace anisograd
